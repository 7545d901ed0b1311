"""Signs in what a run did."""

from collections import Counter, defaultdict

from agents.runs.suspicion.speech import CONFIDENCE, amounts, figures
from agents.runs.suspicion.trace import Act, Trace

NOTHING = ("[]", "{}")
FAILED = ("failed", "quarantined")


def failed(trace: Trace) -> float:
    return float(trace.state in FAILED)


def errors(trace: Trace) -> float:
    """Steps that failed or did not meet their exit criterion."""
    return sum(act.failed for act in trace.acts)


def retries(trace: Trace) -> float:
    """Tries beyond each step's first."""
    return sum(max(act.tries - 1, 0) for act in trace.acts)


def refusals(trace: Trace) -> float:
    """Texts that guardrails refused."""
    return trace.refused + sum(act.kind == "judge" and '"publishable": false' in act.said for act in trace.acts)


def repeats(trace: Trace) -> float:
    """Calls made again with exactly what they were given before."""
    calls = Counter((act.node, act.given) for act in trace.acts if act.kind == "tool" and act.given)
    return sum(times - 1 for times in calls.values())


def length(trace: Trace) -> float:
    """How many times as long as usual; 0 where nobody knows what is usual."""
    return trace.steps / trace.usual_steps if trace.usual_steps else 0.0


def cost(trace: Trace) -> float:
    """How many times as dear as usual."""
    return trace.cost_micros / trace.usual_cost_micros if trace.usual_cost_micros else 0.0


def effects(trace: Trace) -> float:
    """Changes made outside."""
    return len(trace.changes)


def differing(trace: Trace) -> float:
    """The share of its agent's runs about the same thing that changed something else."""
    return trace.differing


def unknown(trace: Trace) -> float:
    """Effects of which nobody knows whether they happened."""
    return sum(act.state == "unknown" for act in trace.effects)


def undone(trace: Trace) -> float:
    """Effects that were tried, failed, and never came about."""
    last = {act.node: act for act in trace.effects}
    return sum(act.failed for act in last.values())


def redone(trace: Trace) -> float:
    """Changes of the same kind to the same thing, known by an identifier, beyond the first."""
    known: dict[str, set[str]] = defaultdict(set)
    found = 0
    for act in filter(lambda act: act.took_effect, trace.effects):
        names = {each for each in figures(act.given) if not each.replace(".", "").isdigit()}
        found += bool(names & known[act.node])
        known[act.node] |= names
    return found


def empty(trace: Trace) -> float:
    """Look-ups that found nothing."""
    return sum(act.said.strip() in NOTHING for act in trace.lookups)


def hasty(trace: Trace) -> float:
    """How many times fewer look-ups than usual led it to change nothing; 0 where they were not fewer."""
    times = (1 + trace.usual_lookups) / (1 + len(trace.lookups))
    return times if trace.is_over and not trace.changes and times > 1 else 0.0


def tools(trace: Trace) -> float:
    """Different tools it used."""
    return len({act.node for act in trace.acts if act.kind == "tool"})


def unsupported(trace: Trace) -> float:
    """Figures it acted on or quoted as money that neither the customer nor a tool had given it."""
    known, found = figures(trace.given), set[str]()
    for act in trace.acts:
        found |= _used(act) - known
        known |= figures(act.said) if not act.by_agent else set()
    return len(found)


def _used(act: Act) -> set[str]:
    if act.is_effect:
        return figures(act.given)
    return amounts(act.said) if act.by_agent else set()


def doubt(trace: Trace) -> float:
    """1 − the lowest confidence that a step stated."""
    stated = [float(each) for act in trace.acts for each in CONFIDENCE.findall(act.said)]
    return 1 - min(stated) if stated else 0.0


def silence(trace: Trace) -> float:
    """It ended without a result, an output, or a word."""
    over = trace.state == "done"
    return float(over and not trace.answered and not trace.outputs and not trace.agent)


def stale(trace: Trace) -> float:
    """It contradicts what the agent was told to say, or worked on what is no longer true."""
    return float(trace.stale)

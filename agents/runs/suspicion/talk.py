"""Signs in what customer and agent said to each other."""

from collections.abc import Iterator

from agents.runs.suspicion.speech import (
    AGREES,
    CLAIMS,
    DECLINES,
    DISPLEASED,
    PROMISES,
    PUSHES,
    TAKES_BACK,
    THANKS,
    WISHES,
)
from agents.runs.suspicion.trace import Act, Trace

LAST_TURNS = 3
"""So many of the customer's last turns tell how it ended for them."""


def displeased(trace: Trace) -> float:
    """Of the customer's last turns, those in displeasure."""
    return sum(bool(DISPLEASED.search(said)) for said in trace.customer[-LAST_TURNS:])


def pushback(trace: Trace) -> float:
    """Turns in which the customer insists, objects or changes the wish."""
    return sum(bool(PUSHES.search(said)) for said in trace.customer[1:])


def wishes(trace: Trace) -> float:
    """Turns in which the customer wants something more."""
    return sum(bool(WISHES.search(said)) for said in trace.customer)


def request(trace: Trace) -> float:
    """Words of the customer."""
    return sum(len(said.split()) for said in trace.customer)


def reply(trace: Trace) -> float:
    """Words of the agent."""
    return sum(len(said.split()) for said in trace.agent)


def turn(trace: Trace) -> float:
    """Words of the customer a turn."""
    return request(trace) / len(trace.customer) if trace.customer else 0.0


def thanked(trace: Trace) -> float:
    """The customer's last words are thanks."""
    return float(len(trace.customer) > 1 and any(THANKS.search(said) for said in trace.customer[-2:]))


def corrections(trace: Trace) -> float:
    """Times the agent took something back or apologised."""
    return sum(bool(TAKES_BACK.search(said)) for said in trace.agent)


def declined(trace: Trace) -> float:
    """Times the agent said that something cannot be done."""
    return sum(bool(DECLINES.search(said)) for said in trace.agent)


def handoff(trace: Trace) -> float:
    """It was handed to a person."""
    return float(trace.handed_over)


def promised(trace: Trace) -> float:
    """The agent's last words promise something, and nothing was done about it."""
    last = trace.agent[-1] if trace.agent else ""
    return float(bool(PROMISES.search(last)) and not trace.effects and not handoff(trace))


def claimed(trace: Trace) -> float:
    """Times the agent said that something is done before anything was; only where its tools are seen."""
    if not any(act.kind == "tool" for act in trace.acts):
        return 0.0
    first = next((place for place, act in enumerate(trace.acts) if act.took_effect), len(trace.acts))
    return sum(act.by_agent and bool(CLAIMS.search(act.said)) for act in trace.acts[:first])


def unconfirmed(trace: Trace) -> float:
    """Effects in a conversation to which the customer's last words before were no yes."""
    return sum(act.is_effect and not AGREES.search(before) for act, before in _heard(trace))


def gave_way(trace: Trace) -> float:
    """Effects after the agent had declined and the customer insisted."""
    declines = pressed = False
    found = 0
    for act in trace.acts:
        pressed = pressed or (declines and act.by_customer and bool(PUSHES.search(act.said)))
        declines = declines or (act.by_agent and bool(DECLINES.search(act.said)))
        found += pressed and act.took_effect
    return found


def _heard(trace: Trace) -> Iterator[tuple[Act, str]]:
    """Each act after the customer's first words, with the last words before it."""
    before = ""
    for act in trace.acts:
        if act.by_customer:
            before = act.said
        elif before:
            yield act, before

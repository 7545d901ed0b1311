"""Which steps of a run that went wrong are the likeliest to be where it first went wrong, and whose they are.

Reasoned, not fitted: a wrong answer comes from where it first appears; whoever is followed by an error or an objection
gave cause for it; assumptions and figures from nowhere are how a chain of agents leaves the ground; whoever only hands
out the work repeats what others found. Scores are log-odds: an agent is suspected as its steps are together.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

from agents.runs.signals import few
from agents.runs.suspicion.speech import ANY_CASE, TAKES_BACK, figures
from agents.runs.suspicion.trace import Act, Trace

ANSWER = re.compile(r"\*\*([^*\n]{1,200})\*\*|answer(?: is)?:? ([^\n]{1,200})", ANY_CASE)
ASSUMES = re.compile(
    r"\bassum|\bsimulat|placeholder|hypothetical|\bmock\b|(?:example|sample|dummy) (?:data|code|value)"
    r"|let's say|\bguess|(?:based on|from) (?:my|general|common) knowledge"
    r"|(?:unable|not able) to access|cannot access|typically|supon",
    ANY_CASE,
)
FAILS = re.compile(r"exitcode: [1-9]|traceback|\berror\b|\bfailed\b|not found|timed? ?out|no code from", ANY_CASE)
OBJECTS = re.compile(
    r"\bhowever\b|incorrect|not correct|discrepan|inconsisten|\bwrong\b|(?:does not|doesn't) match|re-?evaluat",
    ANY_CASE,
)
FEW_WORDS = 5
SOURCE, ASSUMED, FAILED, OBJECTED, REPEATED, MADE_UP, BRIEF, COORDINATES = 2.0, 1.5, 1.5, 1.0, 0.5, 0.4, -1.0, -1.0
"""What each sign adds: the source of the answer weighs most; bare acknowledgements, and who hands out the work, are
seldom to blame."""


@dataclass(frozen=True)
class Suspect:
    """One step: its place in the run (from 0), whose it is, and how strongly it is suspected."""

    place: int
    agent: str
    score: float


def suspects(trace: Trace) -> list[Suspect]:
    """Every step of an agent, the likeliest first; of equals the earlier, since what follows rests on it."""
    answer = _answer(trace)
    source = next((n for n, act in enumerate(trace.acts) if act.by_agent and answer & _marked(act.said)), None)
    lead = _coordinator(trace.acts)
    found = [
        Suspect(place, name, score + SOURCE * (place == source) + COORDINATES * (name == lead))
        for place, score in _scores(trace.acts)
        for name in [who(trace.acts[place])]
    ]
    return sorted(found, key=lambda each: (-each.score, each.place))


def agents_of(ranked: Sequence[Suspect]) -> list[str]:
    """The agents behind the steps, the likeliest first: of exclusive suspicions an agent's add up."""
    found: dict[str, float] = defaultdict(float)
    for each in ranked:
        found[each.agent] += exp(each.score)
    return sorted(found, key=lambda name: -found[name])


def who(act: Act) -> str:
    """The agent, without what it was just doing: "Orchestrator (thought)" is Orchestrator."""
    return act.node.partition(" (")[0]


def _coordinator(acts: Sequence[Act]) -> str:
    """Who speaks at least half of the time, and before everybody else does; empty without one."""
    turns = [who(act) for act in acts if act.by_agent]
    if len(set(turns)) < 2:
        return ""
    [(lead, times)] = Counter(turns).most_common(1)
    leads = turns[0] == lead and all(before in (lead, then) for before, then in pairwise(turns) if then != lead)
    return lead if leads and 2 * times >= len(turns) else ""


def _scores(acts: Sequence[Act]) -> Iterator[tuple[int, float]]:
    """Place and suspicion of each step of an agent."""
    known: set[str] = set()
    said: set[str] = set()
    for place, act in enumerate(acts):
        told = figures(act.said)
        if act.by_agent:
            after = acts[place + 1].said if place + 1 < len(acts) else ""
            made_up = few(len(told - known)) if place else 0.0
            yield place, MADE_UP * made_up + REPEATED * (act.said in said) + _shown(act, after)
        known |= told
        said.add(act.said)


def _shown(act: Act, after: str) -> float:
    """Suspicion from its own words and from what came next."""
    failed = act.failed or FAILS.search(after)
    objected = OBJECTS.search(after) or TAKES_BACK.search(after)
    brief = len(act.said.split()) < FEW_WORDS
    return ASSUMED * bool(ASSUMES.search(act.said)) + FAILED * bool(failed) + OBJECTED * bool(objected) + BRIEF * brief


def _answer(trace: Trace) -> set[str]:
    """What the run came to in the end, in the words it marked as its answer, or in its figures."""
    last = next((said for said in reversed(trace.agent) if len(said.split()) >= FEW_WORDS), "")
    return _marked(last) - figures(trace.asked)


def _marked(said: str) -> set[str]:
    return {(one or other).strip(" .*").lower() for one, other in ANSWER.findall(said)} | figures(said)

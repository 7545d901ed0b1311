"""The signs of runs and of exceptions, their weights, and why.

Reasoned: 0.2–0.4 for what many good runs show too, 0.5–0.8 for what nearly doubles the odds, 0.9 and more for what
good runs seldom show. A negative weight speaks for the run; 0 says that only a team's own decisions can tell what a
sign is worth there. The length of talk, `differing`, `hasty` and a few sizes were chosen after looking at real
outcomes; `benchmarks/ranking.py` tells both apart.
"""

from django.utils.translation import gettext_lazy as _

from agents.runs.enums import ExceptionKind, Severity
from agents.runs.signals import EXCEPTION, RUN, Facts, Signal, beyond, doublings, few, ratio, register, same, share
from agents.runs.suspicion import deeds, talk
from agents.runs.suspicion import words as say

SEVERITIES = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}
GRAVE = {
    ExceptionKind.UNKNOWN_EFFECT: 1.5,
    ExceptionKind.QUARANTINE: 1.5,
    ExceptionKind.SILENCE: 1.5,
    ExceptionKind.SYNC_FAILED: 1.2,
    ExceptionKind.STALE_CONTEXT: 1.2,
    ExceptionKind.FAILURE: 1.0,
    ExceptionKind.GUARDRAIL: 1.0,
}
"""Kinds where something did go wrong; the others only ask."""
WENT_WRONG = _("It did go wrong.")
WEEKEND = 2
"""Days without a look that are nothing special."""

OF_RUNS = [
    Signal("failed", deeds.failed, same, 5.0, say.failed, _("It says itself that it did not succeed.")),
    Signal("errors", deeds.errors, few, 0.6, say.errors, _("Agents recover from one error; from several seldom.")),
    Signal("retries", deeds.retries, few, 0.3, say.retries, _("Networks fail too; a retry alone says little.")),
    Signal("refusals", deeds.refusals, few, 0.8, say.refusals, _("A guardrail saw something that people forbade.")),
    Signal("repeats", deeds.repeats, few, 0.5, say.repeats, _("The same call again is the beginning of a loop.")),
    Signal(
        "length",
        deeds.length,
        ratio,
        0.3,
        say.length,
        _("Every step is a chance to err, and trouble takes steps."),
        2.0,
    ),
    Signal("cost", deeds.cost, ratio, 0.2, say.cost, _("Mostly length again, in money."), 2.0),
    Signal("effects", deeds.effects, few, 0.6, say.effects, _("Each change made can be a wrong one.")),
    Signal("differing", deeds.differing, same, 1.5, say.differing, _("Of two answers to the same, one is wrong.")),
    Signal("unknown", deeds.unknown, few, 1.5, say.unknown, _("Nobody knows whether it happened.")),
    Signal("undone", deeds.undone, few, 0.9, say.undone, _("It was wanted and did not come about.")),
    Signal("redone", deeds.redone, few, 0.5, say.redone, _("The first time was not right.")),
    Signal("empty", deeds.empty, few, 0.2, say.empty, _("Some searches rightly find nothing.")),
    Signal("hasty", deeds.hasty, ratio, 0.8, say.hasty, _("A no that rests on nothing is a guess."), 2.0),
    Signal("unsupported", deeds.unsupported, few, 0.5, say.unsupported, _("Made up, or worked out in its head.")),
    Signal(
        "doubt", deeds.doubt, share, 1.0, say.doubt, _("Stated confidence is poor evidence, but the agent's own."), 0.5
    ),
    Signal("silence", deeds.silence, same, 0.8, say.silence, _("Whoever asked got nothing.")),
    Signal("stale", deeds.stale, same, 1.5, say.stale, _("What it said is known to be no longer so.")),
    Signal("tools", deeds.tools, doublings, 0.0, say.tools, _("Thorough or lost: it depends on the work."), 3.0),
    Signal("request", talk.request, doublings, 0.0, say.request, _("Long requests are hard, or merely polite."), 100.0),
    Signal(
        "reply", talk.reply, beyond(200), 0.8, say.reply, _("What takes many words is hard, or not understood."), 400.0
    ),
    Signal(
        "turn", talk.turn, beyond(15), 0.8, say.turn, _("Who writes at length at every turn wants much at once."), 30.0
    ),
    Signal("displeased", talk.displeased, few, 0.6, say.displeased, _("The person it was for is not content.")),
    Signal("pushback", talk.pushback, few, 0.2, say.pushback, _("Insisting is often a sign of not being understood.")),
    Signal("wishes", talk.wishes, few, 0.4, say.wishes, _("Each further wish can be missed.")),
    Signal(
        "thanked", talk.thanked, same, -0.4, say.thanked, _("People thank politely too, but less when it went wrong.")
    ),
    Signal("corrections", talk.corrections, few, 0.4, say.corrections, _("Apologies are cheap; several are not.")),
    Signal("declined", talk.declined, few, 0.0, say.declined, _("A no may be the right answer, or a need unmet.")),
    Signal("handoff", talk.handoff, same, 0.0, say.handoff, _("Careful or helpless: a person looks at it anyway.")),
    Signal("promised", talk.promised, same, 0.8, say.promised, _("Promises that no step keeps are forgotten ones.")),
    Signal("claimed", talk.claimed, few, 1.2, say.claimed, _("It said so, and its own steps say otherwise.")),
    Signal("unconfirmed", talk.unconfirmed, few, 0.4, say.unconfirmed, _("Nobody had said yes to it.")),
    Signal("gave_way", talk.gave_way, few, 0.5, say.gave_way, _("Pressure is how rules get broken.")),
]


def _severity(facts: Facts) -> float:
    return SEVERITIES[Severity(facts.exception.severity)]


def _unreviewed(facts: Facts) -> float:
    return facts.unreviewed if facts.unreviewed > WEEKEND else 0


OF_EXCEPTIONS = [
    Signal(
        "severity", _severity, same, 1.3, say.severity, _("Whoever raised it knew something: 10, 29, 60 in 100."), 3.0
    ),
    Signal("unreviewed", _unreviewed, few, 0.3, say.unreviewed, _("Agents drift while nobody looks."), 3.0),
    Signal("run_waits", lambda f: bool(f.exception.step_key), same, 0.3, say.run_waits, _("It cannot go on.")),
    Signal("escalated", lambda f: f.escalated, same, 4.0, say.escalated, _("A person said so.")),
]


def _is(kind: ExceptionKind) -> Signal[Facts]:
    def measure(facts: Facts) -> float:
        return facts.exception.kind == kind

    return Signal(f"is_{kind}", measure, same, GRAVE[kind], lambda _value: str(kind.label), WENT_WRONG)


def register_all() -> None:
    """Called once, when the app is ready."""
    for run_signal in OF_RUNS:
        register(run_signal, RUN)
    for signal in [*OF_EXCEPTIONS, *map(_is, GRAVE)]:
        register(signal, EXCEPTION)

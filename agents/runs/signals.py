"""Signs that something went wrong, each with its weight: the registry that ranking reads and anybody may add to.

Nothing here may see whether a run was really wrong (ground truth): that is what a ranking is measured against.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import RunException


@dataclass(frozen=True)
class Facts:
    """What is known of an open exception and the run it is about (counts are 0 without one).

    `errors` are steps with an error, `retries` tries beyond the first, `refusals` guardrail verdicts against it,
    `steps` what the run did, `usual` what the agent's last runs did on average (0: unknown), `unreviewed`
    the days since anybody looked at the agent's day (0 too while nobody ever did).
    """

    exception: RunException
    escalated: bool = False
    errors: int = 0
    retries: int = 0
    refusals: int = 0
    steps: int = 0
    usual: float = 0.0
    unreviewed: int = 0


Fired = tuple[float, str]
"""A weight in [0, 1): how likely this sign alone makes it that something is wrong; and what is to be said of it."""
Signal = Callable[[Facts], Fired | None]
Words = Callable[[str], str]
_signals: dict[str, tuple[Signal, Words]] = {}


def register(name: str, signal: Signal, words: Words) -> None:
    """Make a sign known under a name without spaces or colons; `words` says what it found to a reader.

    Raises ValueError when the name is taken or could not be stored.
    """
    if {" ", ":"} & set(name) or name in _signals:
        raise ValueError(f"No signal can be registered as {name!r}.")
    _signals[name] = (signal, words)


def fired(facts: Facts) -> dict[str, Fired]:
    """Every sign that fires, by name, in order of registration."""
    found = {name: signal(facts) for name, (signal, _words) in _signals.items()}
    return {name: result for name, result in found.items() if result is not None}


def words(name: str, value: str) -> str:
    """What a sign found, in the reader's language; its name where a newer release registered it."""
    return _signals[name][1](value) if name in _signals else name


SEVERITY = {Severity.LOW: 0.1, Severity.MEDIUM: 0.3, Severity.HIGH: 0.6}
GRAVE = {
    ExceptionKind.UNKNOWN_EFFECT: 0.5,
    ExceptionKind.QUARANTINE: 0.5,
    ExceptionKind.SILENCE: 0.5,
    ExceptionKind.SYNC_FAILED: 0.4,
    ExceptionKind.STALE_CONTEXT: 0.4,
    ExceptionKind.FAILURE: 0.3,
    ExceptionKind.GUARDRAIL: 0.3,
}
EACH_ERROR, EACH_RETRY, EACH_REFUSAL, MOST = 0.1, 0.05, 0.1, 0.4
MUCH_LONGER, LONGER_WEIGHT = 2.0, 0.2
RUN_WAITS, ESCALATED = 0.05, 0.9
LONG_UNREVIEWED, EACH_DAY = 2, 0.05
"""Days; a weekend is not yet long."""


def _severity(facts: Facts) -> Fired:
    severity = Severity(facts.exception.severity)
    return SEVERITY[severity], severity.value


def _kind(facts: Facts) -> Fired | None:
    weight = GRAVE.get(ExceptionKind(facts.exception.kind))
    return (weight, facts.exception.kind) if weight else None


def _counted(count: int, each: float) -> Fired | None:
    return (min(count * each, MOST), str(count)) if count else None


def _length(facts: Facts) -> Fired | None:
    longer = facts.steps / facts.usual if facts.usual else 0.0
    return (LONGER_WEIGHT, f"{longer:.1f}") if longer > MUCH_LONGER else None


def _unreviewed(facts: Facts) -> Fired | None:
    return _counted(facts.unreviewed if facts.unreviewed > LONG_UNREVIEWED else 0, EACH_DAY)


def _errors_said(value: str) -> str:
    return ngettext("%(n)s step with an error", "%(n)s steps with errors", int(value)) % {"n": value}


def _retries_said(value: str) -> str:
    return ngettext("%(n)s retry", "%(n)s retries", int(value)) % {"n": value}


def _refusals_said(value: str) -> str:
    return ngettext("%(n)s guardrail refused it", "%(n)s guardrails refused it", int(value)) % {"n": value}


register("severity", _severity, lambda value: _("%(severity)s severity") % {"severity": Severity(value).label})
register("kind", _kind, lambda value: str(ExceptionKind(value).label))
register("errors", lambda facts: _counted(facts.errors, EACH_ERROR), _errors_said)
register("retries", lambda facts: _counted(facts.retries, EACH_RETRY), _retries_said)
register("refusals", lambda facts: _counted(facts.refusals, EACH_REFUSAL), _refusals_said)
register("unreviewed", _unreviewed, lambda value: _("not reviewed for %(n)s days") % {"n": value})
register("length", _length, lambda value: _("%(times)s times as long as usual") % {"times": value})
register(
    "run_waits",
    lambda facts: (RUN_WAITS, "") if facts.exception.step_key else None,
    lambda _value: _("a run waits for it"),
)
register("escalated", lambda facts: (ESCALATED, "") if facts.escalated else None, lambda _value: _("escalated"))

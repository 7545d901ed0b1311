"""What other rules would have said of what was published: tried before they hold (R-272)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from agents.engine import Json
from agents.engine.guardrails import Draft, Guardrail, judged
from agents.fleet.models import Agent
from agents.runs.guards.rules import guardrails_alone
from agents.runs.guards.voices import in_voice, voice_of
from agents.runs.models import Output

MOST = 200
"""Outputs that are judged again, the newest."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An output that only one of two policies would have let pass; the guardrails that say no."""

    output: Output
    refused_by: tuple[str, ...]


@dataclass
class Differences:
    """Of `looked` outputs: those that would be refused from now on, and those that no longer would."""

    looked: int = 0
    refused: list[Difference] = field(default_factory=list)
    let_pass: list[Difference] = field(default_factory=list)


def differences(agents: QuerySet[Agent], before: Mapping[str, Json], after: Mapping[str, Json]) -> Differences:
    """The newest outputs of these agents under both sets of rules, as far as a text alone tells."""
    rows = Output.objects.filter(run__agent__in=agents).select_related("run__agent")
    found = Differences()
    for output in rows.order_by("-created_at", "-pk")[:MOST]:
        found.looked += 1
        voice = voice_of(output.run.input)
        was, now = (_refused(output.content, guardrails_alone(in_voice(each, voice))) for each in (before, after))
        if now and not was:
            found.refused.append(Difference(output, now))
        elif was and not now:
            found.let_pass.append(Difference(output, was))
    return found


def _refused(text: str, rules: Collection[Guardrail]) -> tuple[str, ...]:
    verdicts = judged(Draft(text), rules).verdicts
    return tuple(verdict.name for verdict in verdicts if not verdict.passed)

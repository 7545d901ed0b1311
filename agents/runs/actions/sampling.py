"""Putting before people what the lot fell on."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Exists, OuterRef

from agents.fleet.models import PolicyVersion
from agents.fleet.policy import SAMPLES
from agents.runs import wording
from agents.runs.actions.exceptions import raise_exception
from agents.runs.enums import STANDING, DecisionKind, ExceptionKind, RunState, Severity
from agents.runs.models import Assessment, Decision, Run, RunException
from agents.runs.sampling import Rate, rate_of

JUDGES = (DecisionKind.APPROVE, DecisionKind.EDIT, DecisionKind.REJECT)
SHOWN = 4_000
"""Characters of what was put out that are shown beside the question."""


def draw_samples(impacts: Mapping[uuid.UUID, float | None]) -> list[RunException]:
    """Of these runs, by their impact, those that are over and that the policy's lot falls on are kept as drawn.

    Whatever nobody has judged yet is put before people: a run once.
    """
    judged = Decision.objects.filter(item__exception__run=OuterRef("pk"), kind__in=JUDGES, state__in=STANDING)
    over = Run.objects.filter(pk__in=impacts, state=RunState.DONE, assessment__drawn=False)
    runs = list(over.select_related("agent", "flow_version__flow").annotate(judged=Exists(judged)))
    policies = _policies({run.agent.team_id for run in runs})
    rates = {run.pk: rate_of(policies.get(run.agent.team_id, {}), run) for run in runs}
    drawn = [(run, rate) for run in runs if (rate := rates[run.pk]) and rate.draws(run.pk, impacts[run.pk])]
    Assessment.objects.filter(run__in=[run for run, _rate in drawn]).update(drawn=True)
    return [_raise(run, rate, impacts[run.pk]) for run, rate in drawn if not run.judged]


def _policies(teams: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """The rules in force of the teams that draw samples."""
    newest = PolicyVersion.objects.filter(team__in=teams).order_by("team", "-number").distinct("team")
    return {each.team_id: each.rules for each in newest if SAMPLES in each.rules}


def _raise(run: Run, rate: Rate, impact: float | None) -> RunException:
    texts = run.outputs.order_by("created_at", "pk").values_list("content", flat=True)
    return raise_exception(
        run.agent,
        run=run,
        kind=ExceptionKind.SAMPLE,
        title=wording.SAMPLE,
        detail="\n\n".join(texts)[:SHOWN],
        severity=Severity.LOW,
        evidence={"drawn": f"{rate.share * 100:g} %"} | ({"amount": impact} if impact else {}),
    )

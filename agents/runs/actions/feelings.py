"""Customers whose case belongs to people, whoever's agent had it: seen in what they said (R-046, R-050)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from agents.fleet.models import PolicyVersion
from agents.runs import wording
from agents.runs.actions.exceptions import raise_exception
from agents.runs.briefings import told
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.guards.customers import ANGRY_TURNS, EMPATHY, LAST_TURNS, in_rage, wants_empathy
from agents.runs.models import Run, RunException
from agents.runs.queries.briefed import briefed

FRESH = timedelta(hours=26)
"""What ended longer ago is history: nobody calls back."""


@dataclass(frozen=True)
class Cue:
    """Why a case belongs to people: the cause, in words, and what was measured."""

    cause: str
    why: str
    evidence: dict[str, Any]


def hand_over(said: Mapping[uuid.UUID, Sequence[str]], teams: Mapping[uuid.UUID, uuid.UUID]) -> list[RunException]:
    """Of these runs, by their customer's turns, those that a person should have: each raised once, with a briefing.

    Runs about which people were asked anything are theirs already. No query where nobody said anything.
    """
    heard = {run: turns for run, turns in said.items() if turns}
    rules = _rules({teams[run] for run in heard}) if heard else {}
    found = {run: cue for run, turns in heard.items() if (cue := cue_of(turns, rules.get(teams[run], {})))}
    fresh = Q(finished_at=None) | Q(finished_at__gt=Now() - FRESH)
    runs = Run.objects.filter(fresh, pk__in=found, exceptions=None).select_related("agent")
    return [_raise(run, found[run.pk], said[run.pk][0]) for run in runs] if found else []


def cue_of(turns: Sequence[str], rules: Mapping[str, Any]) -> Cue | None:
    """What in a customer's turns asks for a person under these rules of the policy."""
    least, rage = rules.get("angry_turns", ANGRY_TURNS), in_rage(turns)
    if least and len(rage) >= least:
        measured = {"furious_turns": len(rage), "least": least}
        return Cue("angry_customer", wording.ANGRY_CUSTOMER % {"said": ", ".join(rage)}, {"said": rage, **measured})
    listed = rules.get("empathy_words", EMPATHY)
    word = next((found for each in (turns[0], *turns[-LAST_TURNS:]) if (found := wants_empathy(each, listed))), "")
    return Cue("empathy", wording.WANTS_EMPATHY % {"said": word}, {"said": [word]}) if word else None


def _rules(teams: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    newest = PolicyVersion.objects.filter(team__in=teams).order_by("team", "-number").distinct("team")
    return {each.team_id: each.rules for each in newest}


def _raise(run: Run, cue: Cue, said: str) -> RunException:
    briefing = briefed(run, said=said, why=cue.why, suggested=wording.ANSWER_PERSONALLY)
    return raise_exception(
        run.agent,
        run=run,
        kind=ExceptionKind.HANDOFF,
        title=wording.CUSTOMER_NEEDS_PERSON % {"run": run},
        detail=told({**briefing, "tried": briefing["tried"] or wording.NOTHING_TRIED}),
        severity=Severity.HIGH,
        evidence=cue.evidence,
        cause=cue.cause,
    )

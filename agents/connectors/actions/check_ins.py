"""Agents with no interface at all: once a day a person looks, and says what they saw and what it cost."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.clock import business_day
from agents.connectors import wording
from agents.connectors.ingest import take_runs
from agents.fleet.actions import note_visit
from agents.fleet.enums import Lifecycle, Vendor
from agents.fleet.models import Agent
from agents.fleet.queries import zones_of_nights
from agents.fleet.quorum import lock_agents
from agents.people.models import Team, User
from agents.runs.actions import decide, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState
from agents.runs.models import Decision, RunException

AT_WORK = (Lifecycle.LIVE, Lifecycle.ONBOARDING)
MOST_MINUTES = 600


def open_check_ins(now: dt.datetime | None = None, team: Team | None = None) -> list[RunException]:
    """One for each agent without interface and business day of its owner; while one is open, no other follows."""
    now = now or timezone.now()
    found = Agent.objects.filter(vendor=Vendor.MANUAL, lifecycle__in=AT_WORK).select_related("team")
    agents = list(found.filter(team=team) if team else found)
    days = {agent: business_day(now, zone).isoformat() for agent, zone in zones_of_nights(agents).items()}
    opened = [_open(agent, days[agent]) for agent in agents if not _there(agent, days[agent])]
    return [exception for exception in opened if exception is not None]


def _there(agent: Agent, day: str) -> bool:
    rows = RunException.objects.filter(agent=agent, kind=ExceptionKind.CHECK_IN)
    return rows.filter(state=ExceptionState.OPEN).exists() or rows.filter(evidence__day=day).exists()


@transaction.atomic
def _open(agent: Agent, day: str) -> RunException | None:
    lock_agents([agent])  # two clocks may look at once
    if _there(agent, day):
        return None
    return raise_exception(
        agent,
        kind=ExceptionKind.CHECK_IN,
        title=wording.LOOK % {"agent": agent},
        detail=wording.HOW_TO_LOOK,
        evidence={"day": day, "deep_link": agent.vendor_url},
        schema=schema(),
        cause="check_in",
        actor=SYSTEM,
    )


def schema() -> dict[str, Any]:
    """What a check-in must say."""
    return {
        "type": "object",
        "required": ["seen", "evidence", "minutes"],
        "additionalProperties": False,
        "properties": {
            "seen": {"type": "boolean", "const": True, "title": wording.LOOKED},
            "evidence": {"type": "string", "minLength": 1, "maxLength": 5000, "title": wording.SAW},
            "minutes": {"type": "integer", "minimum": 0, "maximum": MOST_MINUTES, "title": wording.MINUTES},
        },
    }


def complete_check_in(exception: RunException, *, actor: User, evidence: str, minutes: int, key: str) -> Decision:
    """The tick, what was seen, and the minutes: an ordinary decision. The same key again: the first one.

    Raises what `decide` raises.
    """
    told = {"seen": True, "evidence": evidence, "minutes": minutes}
    return decide(
        exception.item, actor=actor, kind=DecisionKind.RESPOND, payload=told, note=evidence, idempotency_key=key
    )


def note_check_in(decision: Decision, exception: RunException) -> None:
    """In the transaction of whatever door it was decided at: a run of the agent's, and the person's minutes."""
    if exception.kind != ExceptionKind.CHECK_IN or decision.kind != DecisionKind.RESPOND:
        return
    told: dict[str, Any] = dict(exception.answer or {})
    actor, agent = decision.actor, exception.agent
    day = str(exception.evidence.get("day") or exception.pk)
    document = {
        "external_id": f"check-in:{day}",
        "title": wording.CHECKED_IN % {"day": day},
        "outputs": [{"kind": "check_in", "content": told["evidence"]}],
        "finished_at": timezone.now().isoformat(),
    }
    take_runs(agent, [document], source="check_in")
    note_visit(actor, agent, told["minutes"])

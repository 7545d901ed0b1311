"""Campaigns and agents for the tests of this folder."""

import datetime as dt
from typing import Any

from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet.enums import OwnerRole, Vendor
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import RunState
from agents.runs.models import Output, Run
from campaigns.actions import approve_version, broadcast, create_campaign, validate_version
from campaigns.models import Broadcast, ContextVersion
from campaigns.permissions import may_campaign
from tests.cast import Cast, make_agent

FACTS: dict[str, Any] = {
    "offer": "Early-bird ticket",
    "price_micros": 429_000_000,
    "currency": "USD",
    "say": ["Group rate from five seats."],
    "never_say": ["cheapest"],
    "zone": "America/New_York",
}


def agents(cast: Cast, count: int, vendor: Vendor = Vendor.OURS) -> list[Agent]:
    """Agents of Amelia, with Dev as second owner."""
    owners = ((cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    made = [make_agent(cast.team, f"{vendor}-{number}", *owners) for number in range(count)]
    Agent.objects.filter(pk__in=[agent.pk for agent in made]).update(vendor=vendor)
    return list(Agent.objects.filter(pk__in=[agent.pk for agent in made]).order_by("pk"))


def a_draft(cast: Cast, name: str = "Early-bird price", **facts: Any) -> ContextVersion:
    ends = timezone.now() + dt.timedelta(days=9)
    return create_campaign(cast.team, actor=cast.owner, name=name, **{**FACTS, "valid_to": ends, **facts})


def signed(version: ContextVersion, chosen: list[Agent], actor: User, *warnings: str) -> ContextVersion:
    return validate_version(version, chosen, actor=actor, signed=warnings)


def sent(version: ContextVersion, chosen: list[Agent], actor: User, *warnings: str, **how: Any) -> Broadcast:
    """Validated with these warnings signed for, approved by a second person, and broadcast."""
    ready = approved(signed(version, chosen, actor, *warnings))
    return broadcast(ready, chosen, actor=actor, idempotency_key=str(uuid7()), **how)


def approved(version: ContextVersion) -> ContextVersion:
    """By somebody else than who validated it."""
    others = User.objects.filter(memberships__team=version.campaign.team).exclude(pk__in=[version.validated_by_id])
    second = next(user for user in others.order_by("pk") if may_campaign(user, version.campaign.team))
    approve_version(version, actor=second, revision=version.revision)
    return version


def done(run: Run, text: str) -> Run:
    """Ended now, with one output some seconds old."""
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=timezone.now())
    Output.objects.create(run=run, step_key="answer", kind="message", content=text)
    Output.objects.filter(run=run).update(created_at=timezone.now() - dt.timedelta(seconds=8))
    return run

"""One submission, many agents: recipients are frozen and their deliveries written in one transaction."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict, Invalid
from agents.base.faults import faultpoint
from agents.base.hooks import notify
from agents.fleet.models import Agent
from agents.people.models import User
from audit.actions import record
from campaigns import verbs
from campaigns.actions.approving import require_second
from campaigns.actions.drafts import check, locked, with_reasons
from campaigns.actions.moving import move
from campaigns.actions.overtaking import overtake
from campaigns.actions.receipts import wake
from campaigns.actions.releasing import hold_back
from campaigns.actions.requests import answer_requests, ask
from campaigns.enums import Rung, VersionState
from campaigns.models import Broadcast, Campaign, ContextVersion, Delivery, Exclusion, Receipt, Rendering
from campaigns.permissions import audience, own
from campaigns.queries import told_of
from campaigns.rendering import renderings


@transaction.atomic
def broadcast(
    version: ContextVersion,
    agents: Iterable[Agent],
    *,
    actor: User,
    idempotency_key: str,
    signed: Iterable[str] = (),
    excluded: Mapping[Agent, str] = MappingProxyType({}),
    canaries: Collection[Agent] = (),
    auto_release: bool = False,
) -> Broadcast:
    """Sends a validated version (or a live one, to further agents) to those of `agents` that are the actor's own; the
    owners of the others are asked. `signed`: warnings that only these agents bring. `excluded`: who is left out, and
    why. `canaries` are told first, the others on `release`, or with `auto_release` when the canaries have repeated it.
    Who was told of the version already is not told again. The same key again: the first one.

    Raises `NotAllowed`; `Invalid` when it no longer passes the checks or no agent is left; `Conflict` (`not_validated`,
    `told_already`, `unsigned`, `needs_second`).
    """
    version = locked(version, actor)
    if again := Broadcast.objects.filter(campaign=version.campaign, idempotency_key=idempotency_key).first():
        return again
    if version.state not in (VersionState.VALIDATED, VersionState.LIVE):
        raise Conflict(_("Validate this version first."), "not_validated")
    chosen = _not_told(version, agents)
    mine = list(chosen.filter(pk__in=own(actor, version.campaign.team).values("pk")))
    if not mine:
        raise Invalid(_("Choose at least one agent of yours."), "no_agent", {"agents": [_("Choose one of yours.")]})
    here = set(mine)
    check(version, mine, [*(each["key"] for each in version.signed), *signed])
    require_second(version, mine)
    how: dict[str, Any] = {"auto_release": auto_release, "canaries": [agent for agent in mine if agent in canaries]}
    sent = send(version.campaign, version, frozen(version, mine), actor, idempotency_key, **how)
    _leave_out(sent, excluded)
    ask(version, [agent for agent in chosen if agent not in here], actor)
    answer_requests(version, mine, actor)
    _go_live(version, actor)
    return sent


def _not_told(version: ContextVersion, agents: Iterable[Agent]) -> QuerySet[Agent]:
    """Those of `agents` that have not heard of the version. Two people who send it at once send it once."""
    chosen = audience(version.campaign.team).filter(pk__in=[agent.pk for agent in agents])
    left = chosen.exclude(pk__in=told_of(version).values("agent"))
    if chosen.exists() and not left.exists():
        raise Conflict(_("These agents were told of this version already."), "told_already")
    return left


def _leave_out(sent: Broadcast, excluded: Mapping[Agent, str]) -> None:
    for agent, reason in with_reasons(excluded).items():
        Exclusion.objects.create(broadcast=sent, agent=agent, reason=reason)


def frozen(version: ContextVersion, agents: list[Agent]) -> dict[Agent, Rendering | None]:
    """What each agent gets; whoever was sent this version before gets the same text again."""
    Rendering.objects.bulk_create(renderings(version, agents), ignore_conflicts=True)
    kept = {row.agent_id: row for row in version.renderings.all()}
    return {agent: kept[agent.pk] for agent in agents}


def send(
    campaign: Campaign,
    version: ContextVersion | None,
    texts: dict[Agent, Rendering | None],
    actor: User | None,
    key: str,
    canaries: Collection[Agent] = (),
    **how: Any,
) -> Broadcast:
    """Broadcast, deliveries and their first receipts; older ones on their way to the same agents are overtaken.

    Without an actor it happens by itself.
    """
    number = (campaign.broadcasts.aggregate(last=Max("number"))["last"] or 0) + 1
    sent = Broadcast.objects.create(
        campaign=campaign, version=version, number=number, actor=actor, idempotency_key=key, **how
    )
    rows = [
        Delivery(broadcast=sent, campaign=campaign, number=number, agent=agent, rendering=rendering)
        for agent, rendering in texts.items()
    ]
    Delivery.objects.bulk_create(rows)
    Receipt.objects.bulk_create(Receipt(delivery=row, rung=Rung.QUEUED) for row in rows)
    if canaries:
        hold_back(sent, canaries)
    overtake(campaign)
    verb = verbs.BROADCAST_RECALLED if sent.recalls else verbs.BROADCAST_SENT
    told: dict[str, Any] = {
        "version": version and version.number,
        "agents": [agent.slug for agent in texts],
        "reason": sent.reason,
    }
    record(verb, actor=actor.actor if actor else SYSTEM, team_id=campaign.team_id, obj=sent, **told)
    notify("campaigns")
    wake()
    faultpoint("broadcast.after_fanout_row")
    return sent


def _go_live(version: ContextVersion, actor: User) -> None:
    if version.state == VersionState.LIVE:
        return
    before = version.campaign.versions.filter(state=VersionState.LIVE).first()
    if before:
        move(before, VersionState.SUPERSEDED, verbs.VERSION_SUPERSEDED, actor.actor)
        version.supersedes = before
        version.save(update_fields=["supersedes"])
    move(version, VersionState.LIVE, verbs.VERSION_LIVE, actor.actor)

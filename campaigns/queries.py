"""Who carries which version of what, and who has not confirmed. Read only."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Lifecycle, Vendor, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from audit.models import AuditEvent
from audit.queries import entries
from campaigns import verbs
from campaigns.enums import CONFIRMED, SETTLED, RequestState, Rung, VersionState
from campaigns.models import Approval, BroadcastRequest, Campaign, ContextVersion, Delivery
from campaigns.permissions import audience

EDITING = dt.timedelta(seconds=30)
"""An open form is heard of every ten seconds."""
COUNTS = Q(broadcast__version__state=VersionState.LIVE) | Q(broadcast__version=None)
"""Deliveries that still matter: of a live version, or of a recall to nothing."""


def as_shown(version: ContextVersion, revision: int) -> ContextVersion:
    """The version as it stood at that revision, by what the trail says was edited since; unsaved."""
    edits = AuditEvent.objects.filter(object_id=version.pk, verb=verbs.DRAFT_EDITED).order_by("-seq")
    shown, fields = copy(version), {field.name: field for field in ContextVersion._meta.concrete_fields}
    for each in entries(list(edits)):
        if each.said and each.said.get("revision", 0) > revision:
            for name, value in each.said["before"].items():
                setattr(shown, name, fields[name].to_python(value))
    return shown


@dataclass(frozen=True)
class Cell:
    """One agent of a strip: how far the version came there, since when."""

    agent: Agent
    rung: Rung
    at: dt.datetime
    delivery: Delivery


@dataclass(frozen=True)
class InForce:
    """A live version with its strip, one cell an agent."""

    version: ContextVersion
    strip: list[Cell]

    @cached_property
    def counts(self) -> dict[Rung, int]:
        """How many agents are on each rung, best first."""
        found = Counter(cell.rung for cell in self.strip)
        return {rung: found[rung] for rung in reversed(Rung) if found[rung]}

    @property
    def confirmed(self) -> int:
        return sum(cell.rung in CONFIRMED for cell in self.strip)

    @property
    def open(self) -> int:
        """Agents that were told and have not confirmed."""
        return sum(cell.rung not in SETTLED for cell in self.strip)

    @property
    def propagated(self) -> dt.timedelta | None:
        """From the broadcast to the last agent's confirmation; None while one is missing (R-067)."""
        if self.open or not self.confirmed:
            return None
        sure = [cell for cell in self.strip if cell.rung in CONFIRMED]
        return max(cell.at - cell.delivery.broadcast.created_at for cell in sure)


def campaigns_of(team: Team) -> QuerySet[Campaign]:
    """Every campaign of the team, newest first."""
    return Campaign.objects.filter(team=team).order_by("-pk")


def in_force(team: Team, *, agents: QuerySet[Agent] | None = None) -> list[InForce]:
    """The live versions that have not run out, newest first, each with its strip (of `agents` only); two queries."""
    rows = ContextVersion.objects.filter(campaign__team=team, state=VersionState.LIVE).filter(unexpired())
    versions = list(rows.select_related("campaign").order_by("-state_since"))
    cells = strips(versions, agents)
    return [InForce(version, cells[version.pk]) for version in versions]


def unexpired(prefix: str = "") -> Q:
    """Versions whose end has not come."""
    return Q(**{f"{prefix}valid_to": None}) | Q(**{f"{prefix}valid_to__gt": Now()})


def strip(version: ContextVersion, agents: QuerySet[Agent] | None = None) -> list[Cell]:
    """How far the version came at each agent that was told, by name."""
    return strips([version], agents)[version.pk]


def strips(
    versions: Iterable[ContextVersion], agents: QuerySet[Agent] | None = None
) -> dict[uuid.UUID | None, list[Cell]]:
    """`strip` of many versions in one query."""
    found: dict[uuid.UUID | None, list[Cell]] = {version.pk: [] for version in versions}
    rows = Delivery.objects.filter(broadcast__version__in=list(found)).exclude(agent__lifecycle=Lifecycle.RETIRED)
    if agents is not None:
        rows = rows.filter(agent__in=agents)
    last = rows.order_by("broadcast__version", "agent_id", "-number").distinct("broadcast__version", "agent_id")
    ordered = sorted(last.select_related("agent", "broadcast"), key=lambda row: row.agent.name)
    for row in ordered:
        found[row.broadcast.version_id].append(Cell(row.agent, Rung(row.state), row.state_since, row))
    return found


def not_confirmed(user: User) -> QuerySet[Delivery]:
    """The newest delivery of each live version or recall at each agent the person may view, while unconfirmed."""
    mine = Delivery.objects.filter(COUNTS, agent__in=agents_for(user, Verb.VIEW)).exclude(state__in=SETTLED)
    return current(mine).exclude(agent__lifecycle=Lifecycle.RETIRED).select_related("agent", "campaign")


def current(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those that no newer broadcast of the campaign has overtaken at their agent."""
    newer = Delivery.objects.filter(
        agent=OuterRef("agent"), campaign=OuterRef("campaign"), number__gt=OuterRef("number"), on_hold=False
    )
    return deliveries.filter(~Exists(newer))


def told_of(version: ContextVersion) -> QuerySet[Delivery]:
    """Where the version is the last word: who was told of it, or waits for its canaries, is not told again."""
    rows = current(Delivery.objects.filter(broadcast__version=version))
    return rows.exclude(state=Rung.NOT_APPLICABLE)


def taken_back() -> Exists:
    """Whether the agent of a delivery has confirmed the recall of its broadcast."""
    recalls = Delivery.objects.filter(broadcast__recalls=OuterRef("broadcast"), agent=OuterRef("agent"))
    return Exists(recalls.filter(state__in=CONFIRMED))


def held(agents: QuerySet[Agent] | list[Agent]) -> QuerySet[Delivery]:
    """What each agent knows of each campaign: the newest that it confirmed; ours know what is written here at once."""
    ours = Q(agent__vendor=Vendor.OURS, on_hold=False) & ~Q(state=Rung.NOT_APPLICABLE)
    known = ours | Q(state__in=CONFIRMED)
    rows = Delivery.objects.filter(known, agent__in=agents).order_by("agent_id", "campaign_id", "-number")
    newest = rows.distinct("agent_id", "campaign_id")
    return Delivery.objects.filter(pk__in=newest.values("pk"), rendering__isnull=False)


def context_held(agents: QuerySet[Agent] | list[Agent]) -> QuerySet[Delivery]:
    """`held`, as far as it has not run out; with rendering and version. What begins later says so in its text."""
    rows = held(agents).filter(unexpired("broadcast__version__"))
    return rows.select_related("rendering__version__campaign", "broadcast").order_by("agent_id", "campaign_id")


def context_due(agent: Agent) -> list[Delivery]:
    """The newest of each campaign that is not on hold or run out, confirmed or not; without a rendering, what the agent
    is to forget.
    """
    rows = Delivery.objects.filter(agent=agent, on_hold=False).exclude(state=Rung.NOT_APPLICABLE)
    newest = rows.order_by("campaign_id", "-number").distinct("campaign_id")
    found = Delivery.objects.filter(unexpired("broadcast__version__"), pk__in=newest.values("pk"))
    told = found.select_related("rendering__version__campaign", "broadcast", "agent", "campaign")
    return list(told.order_by("campaign_id"))


def context_of(agent: Agent) -> list[ContextVersion]:
    """The versions in force for the agent."""
    return [row.rendering.version for row in context_held([agent]) if row.rendering]


def second_reasons(version: ContextVersion, agents: Collection[Agent]) -> list[object]:
    """Why a second person has to approve it for these agents; empty: nobody has to."""
    before, everybody = version.supersedes, audience(version.campaign.team)
    price = (version.price_micros, version.currency)
    reasons: list[object] = []
    if version.price_micros is not None and (before is None or price != (before.price_micros, before.currency)):
        reasons.append(_("it sets a price"))
    if version.claims and (before is None or version.claims != before.claims):
        reasons.append(_("it makes claims"))
    if len(agents) > 1 and len(agents) == everybody.count():
        reasons.append(_("it goes to every agent"))
    return reasons


def approval_of(version: ContextVersion) -> Approval | None:
    """The second person's word for the version as it stands."""
    rows = version.approvals.filter(revision=version.revision).exclude(by=version.validated_by)
    return rows.select_related("by").first()


def waiting_for_second(user: User, team: Team) -> list[ContextVersion]:
    """Validated versions of others that nobody has approved yet."""
    rows = ContextVersion.objects.filter(campaign__team=team, state=VersionState.VALIDATED).exclude(validated_by=user)
    approved = Approval.objects.filter(version=OuterRef("pk"), revision=OuterRef("revision"))
    return list(rows.filter(~Exists(approved)).select_related("campaign", "validated_by").order_by("state_since"))


def editors(version: ContextVersion, *, but: User) -> list[User]:
    """Who else has the form of this version open now."""
    rows = version.editors.filter(seen_at__gt=Now() - EDITING).exclude(user=but).select_related("user")
    return [row.user for row in rows.order_by("user__name")]


def asked_of(user: User) -> QuerySet[BroadcastRequest]:
    """Open requests to broadcast to agents on which the person holds the right."""
    rows = BroadcastRequest.objects.filter(state=RequestState.OPEN, agent__in=agents_for(user, Verb.BROADCAST))
    return rows.select_related("version__campaign", "agent", "asked_by").order_by("asked_at", "pk")


def stale(limit: dt.timedelta) -> QuerySet[Delivery]:
    """Newest deliveries of live versions and recalls that failed, or are unconfirmed `limit` after their broadcast."""
    late = Q(state=Rung.FAILED) | Q(created_at__lt=Now() - limit)
    rows = Delivery.objects.filter(late, COUNTS, exception=None, on_hold=False)
    rows = current(rows.exclude(state__in=SETTLED)).exclude(agent__lifecycle=Lifecycle.RETIRED)
    return rows.select_related("agent", "broadcast__version__campaign").order_by(F("created_at"))


def broadcasts_due() -> list[tuple[uuid.UUID, int, float]]:
    """Of each team, how many deliveries nobody has taken up, and for how many seconds the oldest has been due."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    due = Delivery.objects.filter(free, due_at__lte=Now(), on_hold=False).values("agent__team")
    rows = due.annotate(n=Count("pk"), oldest=Min("due_at")).order_by()
    now = timezone.now()
    return [(row["agent__team"], row["n"], (now - row["oldest"]).total_seconds()) for row in rows]

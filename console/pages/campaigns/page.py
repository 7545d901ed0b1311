"""Everything the page of one campaign shows."""

import uuid
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from agents.base.ids import uuid7
from agents.connectors.enums import Method
from agents.connectors.models import Connection
from agents.connectors.registry import of
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import User
from agents.runs.models import Run
from campaigns.checks import Problem, problems
from campaigns.enums import RequestState, VersionState
from campaigns.models import (
    Approval,
    BroadcastRequest,
    Campaign,
    ContextUse,
    ContextVersion,
    Delivery,
    Redo,
)
from campaigns.permissions import audience, own
from campaigns.queries import InForce, approval_of, campaigns_of, current, editors, second_reasons, strip
from campaigns.results import Result, results
from console.pages.campaigns.forms import FactsForm
from console.pages.campaigns.languages import InLanguage, in_languages
from console.pages.campaigns.previews import Alike, Preview, alike, previews
from console.pages.campaigns.sendings import Asked, Sending, sendings
from console.request import PaneRequest

SHOWN = 50
"""Previews and runs on one page; the rest is counted."""


@dataclass
class CampaignPage:
    """A campaign with the version people work on: the one in preparation, else the live one, else the last."""

    request: PaneRequest
    campaign: Campaign
    form: FactsForm | None = None
    differing: list[dict[str, object]] = field(default_factory=list)
    saved: bool = False

    @cached_property
    def versions(self) -> list[ContextVersion]:
        people = ("supersedes", "created_by", "edited_by", "validated_by")
        found = list(self.campaign.versions.select_related(*people).order_by("-number"))
        for version in found:
            version.campaign = self.campaign
        return found

    @cached_property
    def version(self) -> ContextVersion:
        return next((each for each in self.versions if each.in_preparation), self.live or self.versions[0])

    @cached_property
    def live(self) -> ContextVersion | None:
        return next((each for each in self.versions if each.state == VersionState.LIVE), None)

    @cached_property
    def mine(self) -> set[object]:
        return set(own(self.request.user, self.request.team).values_list("pk", flat=True))

    @property
    def may(self) -> bool:
        """Whether the reader may prepare and send."""
        return bool(self.mine)

    @cached_property
    def agents(self) -> list[Agent]:
        """Everybody the reader may see, their own first."""
        seen = audience(self.request.team).filter(pk__in=agents_for(self.request.user, Verb.VIEW).values("pk"))
        return sorted(seen, key=lambda agent: agent.pk not in self.mine)

    @cached_property
    def facts(self) -> FactsForm:
        return self.form or FactsForm.of(self.version)

    @property
    def in_languages(self) -> list[InLanguage]:
        return in_languages(self.version)

    @cached_property
    def approval(self) -> Approval | None:
        return approval_of(self.version)

    @cached_property
    def second(self) -> list[object]:
        """Why a second person has to approve what is validated."""
        if self.version.state != VersionState.VALIDATED or self.approval:
            return []
        left_out = self.version.recipients.get("excluded", {})
        told = [agent for agent in self.agents if agent.pk in self.mine and agent.slug not in left_out]
        return second_reasons(self.version, told)

    @property
    def left_out(self) -> list[tuple[Agent, str]]:
        """Whom the version in preparation is not for, and why."""
        reasons = self.version.recipients.get("excluded", {})
        return [(agent, reasons[agent.slug]) for agent in self.agents if agent.slug in reasons]

    @property
    def canaries(self) -> list[Agent]:
        return [agent for agent in self.agents if agent.slug in self.version.recipients.get("canaries", ())]

    @cached_property
    def editors(self) -> list[User]:
        """Who else has the form open."""
        return editors(self.version, but=self.request.user) if self.version.in_preparation else []

    @cached_property
    def previews(self) -> list[Preview]:
        return previews(self.version, self.agents[:SHOWN], self.mine)

    @cached_property
    def alike(self) -> list[Alike]:
        return alike(self.previews)

    @property
    def more(self) -> int:
        return max(len(self.agents) - SHOWN, 0)

    @property
    def withheld(self) -> int:
        return sum(len(each.rendering.withheld) for each in self.previews)

    @cached_property
    def problems(self) -> list[Problem]:
        return problems(self.version, [each.rendering for each in self.previews if each.is_mine])

    @cached_property
    def in_force(self) -> InForce | None:
        return InForce(self.live, strip(self.live, agents_for(self.request.user, Verb.VIEW))) if self.live else None

    @cached_property
    def sendings(self) -> list[Sending]:
        seen = agents_for(self.request.user, Verb.VIEW)
        return sendings(self.campaign, seen, Asked.of(self.request.GET))

    @cached_property
    def latest(self) -> set[uuid.UUID]:
        """The deliveries on this page that nothing newer has overtaken."""
        rows = Delivery.objects.filter(pk__in=[row.pk for sending in self.sendings for row in sending.rows])
        return set(current(rows).values_list("pk", flat=True))

    @cached_property
    def asks(self) -> set[object]:
        """The reader's agents on this page that can be asked what they were told."""
        agents = {row.agent for sending in self.sendings for row in sending.rows if row.agent_id in self.mine}
        links = {row.agent_id: row for row in Connection.objects.filter(agent__in=agents)}
        return {agent.pk for agent in agents if of(agent, links.get(agent.pk)).can(Method.ASK)}

    @property
    def key(self) -> str:
        """For a button that must act once."""
        return str(uuid7())

    @cached_property
    def requests(self) -> list[BroadcastRequest]:
        rows = BroadcastRequest.objects.filter(version__campaign=self.campaign, state=RequestState.OPEN)
        return list(rows.select_related("agent", "version", "asked_by").order_by("agent__name"))

    @cached_property
    def redos(self) -> list[Redo]:
        """Outputs made on what no longer holds, newest first, those that were made again included."""
        agents = agents_for(self.request.user, Verb.VIEW)
        seen = Redo.objects.filter(version__campaign=self.campaign, run__agent__in=agents)
        rows = seen.select_related("run__agent", "version__campaign").annotate(again=Exists(_rerun()))
        return list(rows.order_by("-found_at")[:SHOWN])

    @cached_property
    def told(self) -> list[ContextVersion]:
        """The versions agents were told of, newest first."""
        return [each for each in self.versions if not each.in_preparation]

    @cached_property
    def told_of(self) -> ContextVersion | None:
        """The version whose results are shown: the one asked for, else the one in force, else the last that was."""
        asked = self.request.GET.get("results", "")
        named = (each for each in self.told if str(each.number) == asked)
        return next(named, self.live or next(iter(self.told), None))

    @cached_property
    def results(self) -> list[Result]:
        """What came of that version at each agent that was told of it."""
        return results(self.told_of, agents_for(self.request.user, Verb.VIEW)) if self.told_of else []

    @property
    def without_results(self) -> int:
        return sum(each.is_empty for each in self.results)

    @cached_property
    def begun_before(self) -> list[Run]:
        """Runs under way that were given another version than the live one: to be found, and done again (R-074)."""
        if self.live is None:
            return []
        older = ContextUse.objects.filter(version__campaign=self.campaign).exclude(version=self.live)
        rows = Run.objects.filter(pk__in=older.values("run"), agent__in=agents_for(self.request.user, Verb.VIEW))
        return list(rows.filter(state__in=("queued", "running", "waiting")).select_related("agent")[:SHOWN])


def _rerun() -> QuerySet[Run]:
    return Run.objects.filter(rerun_of=OuterRef("run"))


def campaigns(request: PaneRequest) -> QuerySet[Campaign]:
    return campaigns_of(request.team).select_related("team", "created_by")


def campaign_or_404(request: PaneRequest, pk: uuid.UUID) -> Campaign:
    found = campaigns(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def delivery_or_404(request: PaneRequest, pk: uuid.UUID) -> Delivery:
    """A delivery to an agent the reader may see."""
    rows = Delivery.objects.filter(agent__in=agents_for(request.user, Verb.VIEW), campaign__team=request.team)
    found = rows.select_related("agent", "rendering__version", "campaign").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found

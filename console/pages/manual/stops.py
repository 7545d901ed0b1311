"""Every visit to a vendor's page that is left for hands: agent by agent, with what to do there."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from agents.base.phrases import spoken
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.models import Connection, InstructionReceipt
from agents.connectors.registry import of
from agents.fleet.enums import Lifecycle, Vendor, Verb
from agents.fleet.models import Agent, Instruction, KpiPoint, KpiTarget
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import RunException
from campaigns.enums import Rung as Step
from campaigns.queries import not_confirmed
from console.kpis.outcomes import NAMES


@dataclass(frozen=True)
class Task:
    """One thing to do on an agent's own page: its `kind` (check_in, delivery, instruction, kpi), what, and the text."""

    kind: str
    pk: uuid.UUID
    what: str
    text: str = ""


@dataclass(frozen=True)
class Stop:
    """One agent's own page, and everything that waits to be done there."""

    agent: Agent
    deep_link: str
    tasks: list[Task] = field(default_factory=list)


def stops(user: User, team: Team, day: dt.date) -> list[Stop]:
    """Of the agents the person may review, by name; only those with something to do. Six queries."""
    mine = agents_for(user, Verb.REVIEW).filter(team=team).exclude(vendor=Vendor.OURS)
    agents = {agent.pk: agent for agent in mine.exclude(lifecycle=Lifecycle.RETIRED).order_by("name")}
    links = {link.agent_id: link for link in Connection.objects.filter(agent__in=agents)}
    found = {pk: Stop(agent, of(agent, links.get(pk)).deep_link()) for pk, agent in agents.items()}
    for agent, task in (*_check_ins(agents), *_deliveries(user, agents), *_instructions(agents)):
        found[agent].tasks.append(task)
    for agent, task in _kpis(agents, day):
        capability = of(agents[agent], links.get(agent)).capabilities[Method.PULL_KPIS]
        if capability.way in (Way.MANUAL, Way.NONE):
            found[agent].tasks.append(task)
    return [stop for stop in found.values() if stop.tasks]


Found = Iterator[tuple[uuid.UUID, Task]]


def _check_ins(agents: dict[uuid.UUID, Agent]) -> Found:
    rows = RunException.objects.filter(agent__in=agents, kind=ExceptionKind.CHECK_IN, state=ExceptionState.OPEN)
    for each in rows.order_by("opened_at"):
        yield each.agent_id, Task("check_in", each.pk, spoken(each.title))


def _deliveries(user: User, agents: dict[uuid.UUID, Agent]) -> Found:
    rows = not_confirmed(user).filter(agent__in=agents, state=Step.MANUAL_PENDING).select_related("rendering")
    for each in rows.order_by("created_at"):
        what = _("Paste the campaign “%(name)s”") % {"name": each.campaign.name}
        yield each.agent_id, Task("delivery", each.pk, what, each.text)


def _instructions(agents: dict[uuid.UUID, Agent]) -> Found:
    newest = Instruction.objects.filter(agent=OuterRef("agent")).order_by("-number").values("number")[:1]
    last = InstructionReceipt.objects.filter(instruction=OuterRef("pk")).order_by("-at").values("rung")[:1]
    rows = Instruction.objects.filter(agent__in=agents, number=Subquery(newest)).annotate(rung=Subquery(last))
    for each in rows.filter(rung__in=(Rung.MANUAL_PENDING, Rung.FAILED)):
        yield each.agent_id, Task("instruction", each.pk, _("Paste what it is told"), each.text)


def _kpis(agents: dict[uuid.UUID, Agent], day: dt.date) -> Found:
    """Targets of figures that nobody else measures, without a reading today."""
    read = KpiPoint.objects.filter(agent=OuterRef("agent"), key=OuterRef("key"), day=day)
    rows = KpiTarget.objects.filter(~Exists(read), agent__in=agents).exclude(key__in=NAMES)
    for each in rows.order_by("key"):
        yield each.agent_id, Task("kpi", each.pk, _("Read “%(key)s” off its page") % {"key": each.key})

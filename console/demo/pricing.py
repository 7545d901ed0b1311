"""The demo's ticket price changes: everybody is told, an agent of each kind is asked, and it is taken back (R-075)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from agents.base.ids import uuid7
from agents.base.money import MICRO, format_money
from agents.connectors.contract import NotSupported
from agents.connectors.registry import adapter
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import RunState
from agents.runs.models import Run
from campaigns.actions import begin_version, deliver, edit_draft, find_redos, probe, recall
from campaigns.enums import CONFIRMED, VersionState
from campaigns.models import Broadcast, Campaign, ContextUse, Delivery
from console.demo.promotion import EARLY, submit
from console.demo.stages import carry_on, open_items, person, settle_item, team

PRICE = 399
KINDS = ("support-desk", "web-chat", "pipeline-scout", "service-agent", "10k-coach")
"""One of each kind that can be asked or read: ours, a webhook, Monaco, Agentforce, Claude."""
PATIENCE_S, PAUSE_S = 60.0, 0.2
WHY = "The new price was approved for groups only."


@dataclass(frozen=True)
class Quote:
    """What an agent says of the price, or what its system holds."""

    agent: Agent
    said: str

    def __str__(self) -> str:
        return f"{self.agent} ({self.agent.get_vendor_display()}): {' '.join(self.said.split())[:120]}"


def change() -> list[Quote]:
    """The price goes to every agent; a run that began before it ends after it, and is to be done again."""
    manager = person("manager")
    draft = begin_version(Campaign.objects.get(team=team(), name=EARLY), actor=manager)
    draft = edit_draft(draft, actor=manager, price_micros=PRICE * MICRO)
    sent = submit(draft, list(Agent.objects.filter(team=team())), manager, person("chief"))
    _end_what_began_before(sent, manager)
    return _quotes(sent, manager)


def take_back() -> list[Quote]:
    """The price before it, at every agent."""
    manager = person("manager")
    live = Broadcast.objects.filter(version__state=VersionState.LIVE, campaign__team=team(), campaign__name=EARLY)
    return _quotes(recall(live.latest("number"), actor=manager, reason=WHY), manager)


def _end_what_began_before(sent: Broadcast, manager: User) -> None:
    """A person answers a run that was given an older version, and it ends."""
    older = ContextUse.objects.filter(version__campaign=sent.campaign).exclude(version=sent.version)
    rows = open_items().filter(exception__run__in=older.values("run"))
    item = rows.select_related("exception__run", "agent").order_by("-rank").first()
    if item and item.exception and item.exception.run:
        settle_item(item, manager)
        carry_on()
        begun = Run.objects.filter(pk=item.exception.run.pk)
        _until(lambda: not begun.filter(state__in=(RunState.QUEUED, RunState.RUNNING)).exists())
        find_redos()


def _quotes(sent: Broadcast, manager: User) -> list[Quote]:
    rows = sent.deliveries.filter(agent__slug__in=KINDS)
    _until(lambda: not (deliver() or rows.exclude(state__in=CONFIRMED).exists()))
    told = rows.select_related("agent__team", "rendering__version", "campaign").order_by("agent__vendor")
    return [Quote(each.agent, _said(each, manager)) for each in told]


def _until(done: Callable[[], bool]) -> None:
    """Workers may have taken up what is waited for."""
    until = time.monotonic() + PATIENCE_S
    while not done() and time.monotonic() < until:
        time.sleep(PAUSE_S)


def _said(delivery: Delivery, manager: User) -> str:
    """Its answer, which is its receipt too; of one that cannot be asked, what is read back from its system."""
    assert delivery.rendering is not None
    version = delivery.rendering.version
    try:
        reply = probe(delivery, actor=manager, key=str(uuid7()))
    except NotSupported:
        holds = adapter(delivery.agent).confirm(str(version.pk), delivery.text)
        price = format_money(version.price_micros or 0, version.currency)
        return f"cannot be asked; read back, it holds {price}" if holds else "cannot be asked, and holds something else"
    return reply.text if reply else "nothing"

"""The ticket’s price changes: agents of five differently-shaped kinds quote it, after a recall the old one (R-075)."""

import pytest

from agents.base.ids import uuid7
from agents.connectors.contract import NotSupported
from agents.connectors.registry import adapter
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from campaigns.actions import begin_version, deliver, edit_draft, recall
from campaigns.actions.probing import question_of, says_price
from campaigns.enums import Rung
from campaigns.models import Broadcast, ContextVersion
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import Cast, make_cast
from tests.connectors.connected import connect
from tests.connectors.test_ours import equip
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("use_rehearsal")]
KINDS = (Vendor.OURS, Vendor.WEBHOOK, Vendor.MONACO, Vendor.AGENTFORCE, Vendor.CLAUDE)
OLD, NEW = 429_000_000, 399_000_000


@pytest.fixture
def house(rehearsal: Rehearsal) -> Cast:
    rehearsal.reset()
    return make_cast()


def five(house: Cast, rehearsal: Rehearsal) -> list[Agent]:
    equip(house.agent)
    made = [house.agent, *(agent for vendor in KINDS[1:] for agent in agents(house, 1, vendor))]
    for agent in made[1:]:
        connect(agent, Vendor(agent.vendor), rehearsal, seed=agent.slug)
    return made


def quotes(agent: Agent, version: ContextVersion) -> bool:
    """What it says when it is asked; of one that cannot be asked, what its system says it holds."""
    way = adapter(agent)
    try:
        reply = way.ask(question_of(version, "en"), key=str(uuid7()))
    except NotSupported:
        rendering = version.renderings.get(agent=agent)
        return says_price(rendering.text, version) and way.confirm(str(version.pk), rendering.text) is not None
    return reply is not None and says_price(reply.text, version)


def arrived(found: Broadcast) -> set[str]:
    deliver()
    return set(found.deliveries.values_list("state", flat=True))


def test_five_kinds_quote_the_new_price_and_after_the_recall_the_old_one(house: Cast, rehearsal: Rehearsal) -> None:
    chosen = five(house, rehearsal)
    first = sent(a_draft(house, price_micros=OLD), chosen, house.owner)
    assert arrived(first) == {Rung.STORED}
    changed = edit_draft(begin_version(first.campaign, actor=house.owner), actor=house.owner, price_micros=NEW)
    second = sent(changed, chosen, house.owner, "price")
    assert arrived(second) == {Rung.STORED}
    old, new = ContextVersion.objects.order_by("number")
    assert {agent.vendor: quotes(agent, new) for agent in chosen} == dict.fromkeys(KINDS, True)
    assert not any(quotes(agent, old) for agent in chosen)
    assert arrived(recall(second, actor=house.owner, reason="Wrong price")) == {Rung.STORED}
    assert {agent.vendor: quotes(agent, old) for agent in chosen} == dict.fromkeys(KINDS, True)
    assert not any(quotes(agent, new) for agent in chosen)

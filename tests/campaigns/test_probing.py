"""Asking an agent itself: only what it says is an echo."""

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Vendor
from audit.models import AuditEvent
from campaigns.actions import deliver, probe
from campaigns.actions.probing import says_price
from campaigns.enums import Rung
from campaigns.models import ContextVersion, Delivery
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import Cast, make_cast
from tests.connectors.connected import connect
from tests.rehearsal.fixtures import Rehearsal


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("It costs $429.00 until Monday.", True),
        ("Cuesta 429,00 US$.", True),
        ("429 dollars", True),
        ("It costs $1,429.00.", False),
        ("It costs $429.50.", False),
        ("About 4290.", False),
        ("", False),
    ],
)
def test_a_price_is_heard_only_where_it_stands_exactly(text: str, says: bool) -> None:
    assert says_price(text, ContextVersion(price_micros=429_000_000, currency="USD")) is says


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("use_rehearsal")
def test_an_agent_that_says_the_price_has_echoed_it(rehearsal: Rehearsal) -> None:
    rehearsal.reset()
    house = make_cast()
    [agent] = agents(house, 1, Vendor.WEBHOOK)
    connect(agent, Vendor.WEBHOOK, rehearsal)
    found = sent(a_draft(house), [agent], house.owner)
    with pytest.raises(Conflict, match="confirmed"):
        probe(found.deliveries.get(), actor=house.owner, key="q1")
    deliver()
    delivery = Delivery.objects.select_related("rendering__version", "agent", "campaign").get()
    with pytest.raises(NotAllowed):
        probe(delivery, actor=house.backup, key="q1")
    reply = probe(delivery, actor=house.owner, key="q1")
    assert reply is not None
    delivery.refresh_from_db()
    heard = "429" in reply.text
    assert delivery.state == (Rung.ECHOED if heard else Rung.STORED)
    assert AuditEvent.objects.filter(verb="delivery.probe_failed").exists() is not heard


@pytest.mark.django_db
def test_without_a_price_there_is_nothing_to_ask(cast: Cast) -> None:
    found = sent(a_draft(cast, price_micros=None), [cast.agent], cast.owner)
    found.deliveries.update(state=Rung.STORED)
    with pytest.raises(Invalid):
        probe(found.deliveries.get(), actor=cast.owner, key="q")

"""Asking an agent itself: only what it says is an echo."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Vendor
from agents.runs.enums import ExceptionState
from agents.runs.models import RunException
from audit.models import AuditEvent
from campaigns.actions import confirm_manual, deliver, probe, probe_due
from campaigns.actions.probing import question_of, says_price
from campaigns.enums import Rung
from campaigns.models import ContextVersion, Delivery
from campaigns.saying import says_end
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
    found = sent(a_draft(cast, price_micros=None, valid_to=None), [cast.agent], cast.owner)
    found.deliveries.update(state=Rung.STORED)
    with pytest.raises(Invalid):
        probe(found.deliveries.get(), actor=cast.owner, key="q")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("use_rehearsal")
def test_agents_are_asked_by_themselves_and_a_wrong_answer_is_an_exception_until_it_is_right(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.reset()
    house = make_cast()
    [agent, manual] = [*agents(house, 1, Vendor.WEBHOOK), *agents(house, 1, Vendor.MANUAL)]
    connect(agent, Vendor.WEBHOOK, rehearsal)
    found = sent(a_draft(house, valid_to=None), [agent, manual], house.owner)
    assert probe_due() == 0
    deliver()
    delivery = found.deliveries.get(agent=agent)
    assert delivery.probe_at is not None
    ContextVersion.objects.update(price_micros=399_000_000)
    assert probe_due() == 1
    assert probe_due() == 0
    complaint = RunException.objects.get(agent=agent)
    assert complaint.cause == f"probe:{found.version_id}"
    ContextVersion.objects.update(price_micros=429_000_000)
    found.deliveries.update(probe_at=timezone.now())
    confirm_manual(found.deliveries.get(agent=manual), actor=house.owner, evidence="Pasted", minutes=1)
    assert probe_due() == 1
    complaint.refresh_from_db()
    delivery.refresh_from_db()
    assert (delivery.state, complaint.state) == (Rung.ECHOED, ExceptionState.RESOLVED)
    assert delivery.probe_at is not None
    assert delivery.probe_at > timezone.now() + dt.timedelta(hours=23)
    assert found.deliveries.get(agent=manual).probe_at is None


def test_the_question_s_answer_is_a_fact() -> None:
    version = ContextVersion(offer="Early-bird", valid_to=dt.datetime(2026, 11, 30, 23, tzinfo=dt.UTC), zone="UTC")
    assert question_of(version, "en") == "Until which day is “Early-bird” valid?"
    assert says_end("Hasta el 30 de noviembre", version)
    assert not says_end("Until 29 November", version)

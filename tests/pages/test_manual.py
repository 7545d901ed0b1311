"""The manual round: what only hands can do, with link, text, tick, evidence and minutes."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.connectors.actions import open_check_ins
from agents.fleet.actions import give_feedback
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent, KpiPoint, KpiTarget, ReviewTime
from agents.runs.enums import ExceptionState
from agents.runs.models import RunException
from audit.models import AuditEvent
from campaigns.actions.receipts import take_receipt
from campaigns.enums import Rung
from campaigns.models import Delivery
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE

URL = "/queue/manual/"
# Session, person, team, sidebar; agents, connections, check-ins, deliveries, instructions, KPIs.
QUERIES = 10


@pytest.fixture
def by_hand(cast: Cast) -> Agent:
    """The agent has a page of its own and nothing else."""
    Agent.objects.filter(pk=cast.agent.pk).update(vendor=Vendor.MANUAL, vendor_url="https://vendor.example/agent")
    cast.agent.refresh_from_db()
    return cast.agent


def visits(agent: Agent) -> int:
    return int(KpiPoint.objects.get(agent=agent, key="visits").value)


def test_each_visit_that_is_left_is_listed_with_what_to_do_there(
    cast: Cast, by_hand: Agent, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    open_check_ins()
    give_feedback(by_hand, f"Be brief {HOSTILE}", actor=cast.owner)
    KpiTarget.objects.create(agent=by_hand, key="replies", target=4)
    KpiTarget.objects.create(agent=by_hand, key="spend", target=4)
    client = sign_in(cast.owner)
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        page = client.get(URL).content.decode()
    assert "1 vendor’s page to visit, 3 to do there." in page
    assert f'href="/agents/{by_hand.slug}/visit/" rel="noreferrer noopener"' in page
    assert "Read “replies” off its page" in page
    assert "<script>alert" not in page
    assert "Nothing is left for your hands" in sign_in(cast.manager).get(URL).content.decode()


def test_visits_are_a_figure_of_the_board_by_their_name(cast: Cast, by_hand: Agent, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.get(f"/agents/{by_hand.slug}/visit/")
    assert visits(by_hand) == 1
    assert "visits to vendors’ pages a day" in client.get("/kpis/").content.decode()


def test_a_tick_keeps_evidence_and_minutes_and_counts_a_visit(cast: Cast, by_hand: Agent, sign_in: SignIn) -> None:
    open_check_ins()
    target = KpiTarget.objects.create(agent=by_hand, key="replies", target=4)
    given = give_feedback(by_hand, "Be brief", actor=cast.owner)
    look = RunException.objects.get()
    client, said = sign_in(cast.owner), {"evidence": "Saw it", "minutes": 2}
    for kind, pk, more in (("check_in", look.pk, {}), ("instruction", given.pk, {}), ("kpi", target.pk, {"value": 7})):
        assert client.post(f"{URL}{kind}/{pk}/", {**said, **more}).status_code == 302
    look.refresh_from_db()
    assert look.state == ExceptionState.RESOLVED
    assert KpiPoint.objects.get(key="replies").value == 7
    assert (visits(by_hand), ReviewTime.objects.get().seconds) == (1, 360), "three things done there at one visit"
    assert "Nothing is left for your hands" in client.get(URL).content.decode()


def test_what_a_colleague_ticked_meanwhile_is_said_above_what_is_left(
    cast: Cast, by_hand: Agent, sign_in: SignIn
) -> None:
    open_check_ins()
    look, said = RunException.objects.get(), {"evidence": "I saw it too", "minutes": 2}
    sign_in(cast.second).post(f"{URL}check_in/{look.pk}/", said)
    answer = sign_in(cast.owner).post(f"{URL}check_in/{look.pk}/", said)
    assert answer.status_code == 409
    assert answer.context["astray"], "it is no longer on the page"
    assert all(text in answer.content.decode() for text in ('role="alert"', "I saw it too"))


def test_whoever_follows_the_link_is_counted_once_a_visit(cast: Cast, by_hand: Agent, sign_in: SignIn) -> None:
    client, link = sign_in(cast.owner), f"/agents/{by_hand.slug}/visit/"
    assert client.get(link)["Location"] == by_hand.vendor_url
    client.get(link)
    client.head(link)
    assert visits(by_hand) == 1
    assert AuditEvent.objects.filter(verb="agent.vendor_opened", agent_id=by_hand.pk).count() == 2
    ReviewTime.objects.update(visited_at=timezone.now() - dt.timedelta(minutes=31))
    client.get(link)
    assert visits(by_hand) == 2
    Agent.objects.update(vendor_url="")
    assert client.get(link).status_code == 404, "nobody has said where its page is"


def test_a_campaign_pasted_by_hand_is_a_visit_too(cast: Cast, by_hand: Agent, sign_in: SignIn) -> None:
    sent(a_draft(cast), [by_hand], cast.owner)
    delivery = Delivery.objects.get()
    take_receipt(delivery, Rung.MANUAL_PENDING, evidence={})
    delivery.save()
    client = sign_in(cast.owner)
    assert "Early-bird ticket" in client.get(URL).content.decode()
    client.post(f"{URL}delivery/{delivery.pk}/", {"evidence": "Pasted", "minutes": 1})
    delivery.refresh_from_db()
    assert delivery.state == Rung.MANUAL_DONE
    assert visits(by_hand) == 1


@pytest.mark.parametrize(("evidence", "minutes"), [(" ", "2"), ("Saw", "x"), ("Saw", "1")])
def test_what_is_refused_keeps_what_was_typed(
    cast: Cast, by_hand: Agent, sign_in: SignIn, evidence: str, minutes: str
) -> None:
    target = KpiTarget.objects.create(agent=by_hand, key="replies", target=4)
    answer = sign_in(cast.owner).post(f"{URL}kpi/{target.pk}/", {"evidence": evidence, "minutes": minutes})
    assert answer.status_code == 422
    assert f'value="{minutes}"' in answer.content.decode()
    assert not KpiPoint.objects.exists()


def test_an_unknown_kind_is_no_page(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).post(f"{URL}run/{cast.agent.pk}/", {}).status_code == 404

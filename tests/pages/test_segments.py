"""Who writes to whom, on its page: rules typed without code, tried, kept, and asked about somebody."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.channels.models import Contact, Segmentation
from agents.fleet.enums import OwnerRole
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn

HERE, CHANGE = "/segments/", "/segments/change/"
QUERIES = 11
"""Session, person, team, sidebar; versions with author, rules and agents; contacts, touches, figures, may she."""


@pytest.fixture
def house(cast: Cast) -> Cast:
    make_agent(cast.team, "outbound", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    for number, facts in enumerate([{"country": "Germany", "employees": "500"}, {"country": "Chile"}]):
        Contact.objects.create(team=cast.team, key=str(number), facts=facts, touched_at=timezone.now())
    return cast


def typed(do: str, **more: Any) -> dict[str, Any]:
    """Two rules and an empty row, as a browser sends them."""
    large = {
        "agent": "outbound",
        "why": "Large",
        "ORDER": "1",
        "fact_1": "employees",
        "is_1": "at_least",
        "value_1": "200",
    }
    rest = {
        "agent": "refund-agent",
        "why": "The rest",
        "ORDER": "2",
        "fact_1": "country",
        "is_1": "is",
        "value_1": "Germany",
    }
    untouched = {f"{part}_{slot}": text for slot in (1, 2, 3) for part, text in (("fact", ""), ("is", "is"))}
    given = enumerate([untouched | large, untouched | rest, untouched | {"agent": "", "why": "", "ORDER": ""}])
    rows = {f"rule-{place}-{name}": text for place, rule in given for name, text in rule.items()}
    whole = {"rule-TOTAL_FORMS": "3", "rule-INITIAL_FORMS": "0", "window_hours": "24", "why": "Spring", "seen": "0"}
    return {**whole, **rows, "do": do, **more}


def tried(page: Any) -> str:
    return str(page.context["version"]["tried"].value())


def test_operations_types_rules_tries_them_and_keeps_exactly_those(house: Cast, sign_in: SignIn) -> None:
    client = sign_in(house.operations)
    page = client.post(CHANGE, typed("try"))
    assert page.status_code == 200
    assert b"What these rules would have made" in page.content
    past = page.context["past"]
    assert (past.contacts, past.taken, past.gaps, past.overlaps) == (2, [1, 0], 1, 1)
    assert not Segmentation.objects.exists()
    other = client.post(CHANGE, typed("save", tried=tried(page)) | {"rule-0-value_1": "300"})
    assert other.status_code == 422
    assert b"Try exactly these rules" in other.content
    assert b'value="300"' in other.content
    assert client.post(CHANGE, typed("save", tried=tried(page))).url == HERE  # type: ignore[attr-defined]
    assert [rule.agent for rule in Segmentation.objects.get().rules] == ["outbound", "refund-agent"]
    again = client.post(CHANGE, typed("save", tried=tried(page)))
    assert b"Somebody has changed the rules meanwhile" in again.content
    form = client.get(CHANGE)
    assert form.context["rows"][0]["value_1"].value() == "200"


def test_what_cannot_be_a_rule_is_said_beside_what_was_typed(house: Cast, sign_in: SignIn) -> None:
    client = sign_in(house.operations)
    page = client.post(CHANGE, typed("try") | {"rule-0-value_1": "many"})
    assert page.status_code == 422
    assert "“at least” and “below” need a number.".encode() in page.content
    assert b'value="many"' in page.content
    assert client.post(CHANGE, {"do": "try"}).status_code == 422


def test_everybody_reads_the_rules_and_asks_who_gets_somebody(
    house: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert b"No rules yet" in sign_in(house.auditor).get(HERE).content
    keeper = sign_in(house.operations)
    keeper.post(CHANGE, typed("save", tried=tried(keeper.post(CHANGE, typed("try")))))
    client = sign_in(house.auditor)
    client.get(HERE)
    with django_assert_num_queries(QUERIES):
        page = client.get(HERE, {"country": "germany", "employees": "900"})
    assert page.context["got"].rule.agent == "outbound"
    assert page.context["got"].overlaps
    assert b"Change the rules" not in page.content
    assert b"this is a gap" in client.get(HERE, {"country": "Peru"}).content
    assert client.get(CHANGE).status_code == 403

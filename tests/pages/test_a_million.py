"""What pages ask of the database stays the same among a million open items: each finds its few along an index."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet.models import Agent
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import ReviewItem, RunException
from agents.runs.queries import Need, Opened, Where, folds
from agents.runs.queries.opened import STEP
from agents.runs.queries.worst import COUNTED
from console.kpis.fleet import EACH, fleet_now
from tests.cast import Cast
from tests.morning.stage import analyze
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, an_approval

OF_ITEMS = ("runs_reviewitem", "runs_runexception")


def alike(agent: Agent, times: int, **more: Any) -> list[RunException]:
    """So many open exceptions that are the same, each with its item, ranked in order."""
    given = {"kind": ExceptionKind.SILENCE, "title": "Nothing since 9", "fingerprint": "f" * 64, **more}
    made = RunException.objects.bulk_create(RunException(pk=uuid7(), agent=agent, **given) for _ in range(times))
    ReviewItem.objects.bulk_create(
        ReviewItem(pk=uuid7(), agent=agent, exception=each, rank=1000 + times - place)
        for place, each in enumerate(made)
    )
    return made


def opened(cast: Cast, **where: str) -> Opened:
    return Opened(cast.owner, cast.team, Where(**where))


def plan(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # among the few rows of a test it would be cheapest
        cursor.execute("EXPLAIN " + statement)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/exceptions/", 8),
        ("/exceptions/?severity=high", 8),
        ("/exceptions/?need=waiting", 9),
        ("/exceptions/?owner=01900000-0000-7000-8000-000000000000", 6),
        ("/exceptions/?state=resolved", 8),
        ("/agents/refund-agent/one-on-one/", 17),
    ],
    ids=["the inbox", "what is grave", "what waits", "whose it is", "what is closed", "a 1:1"],
)
def test_a_page_reads_no_table_of_items_whole(cast: Cast, sign_in: SignIn, path: str, queries: int) -> None:
    an_approval(cast.agent)
    client = sign_in(cast.owner)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 200
    assert len(asked) == queries

    plans = [plan(each["sql"]) for each in asked if any(table in each["sql"] for table in OF_ITEMS)]

    assert plans
    assert not [each for each in plans if any(f"Seq Scan on {table}" in each for table in OF_ITEMS)]


@pytest.mark.parametrize("path", ["/", "/queue/?need=waiting", "/exceptions/?need=waiting"])
def test_only_what_anything_open_is_of_is_looked_for(cast: Cast, sign_in: SignIn, path: str) -> None:
    """Of kind, severity and waiting there are a hundred; each was asked of each agent."""
    an_approval(cast.agent)
    client = sign_in(cast.owner)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)

    looks = [look for each in asked if "fitting" in each["sql"] for look in looks_at_items(each["sql"])]

    assert 0 < max(looks) <= 2


def looks_at_items(statement: str) -> Iterator[int]:
    """How often the statement reads items, at each place where it does."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement)
        [[found]] = cursor.fetchone()
    nodes = [found["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        if node.get("Relation Name") == "runs_reviewitem":
            yield node["Actual Loops"]


def test_what_is_closed_is_found_by_its_index_by_a_plan_that_knows_no_values(cast: Cast, sign_in: SignIn) -> None:
    """What is asked often is planned once for every state; a guess that most are resolved reads all that are open."""
    alike(cast.agent, COUNTED)
    analyze()
    with CaptureQueriesContext(connection) as asked:
        sign_in(cast.owner).get("/exceptions/?state=resolved")
    closed = [each["sql"].replace("'resolved'", "$1") for each in asked if "'resolved'" in each["sql"]]

    plans = [plan(f"(GENERIC_PLAN) {statement}") for statement in closed]

    assert len(plans) == 5, "the rows, the causes, and of each severity how many"
    assert [each for each in plans if "exception_closed" not in each] == []


def test_what_repeats_itself_does_not_hide_what_comes_after(cast: Cast) -> None:
    first, *_more = alike(cast.agent, STEP + 5)
    other = a_question(cast.agent)

    places = opened(cast).page(50)

    assert [place.exception for place in places] == [first.pk, other.pk]
    assert opened(cast).page(50, (places[0].rank, places[0].item))[-1] == places[-1]


def test_nobody_counts_beyond_a_thousand(cast: Cast, sign_in: SignIn) -> None:
    first, *_more = alike(cast.agent, COUNTED + 2, severity=Severity.LOW)

    assert opened(cast).counts() == {"low": COUNTED + 1, "medium": 0, "high": 0}
    assert folds([first])[first.pk].counted == f"{COUNTED}+"
    said = sign_in(cast.owner).get("/exceptions/").content.decode()
    assert f"<b>{COUNTED}+</b>Low" in said
    assert f"{COUNTED}+ times" in said


def test_today_counts_so_many_of_each_kind_and_says_that_there_are_more(cast: Cast, sign_in: SignIn) -> None:
    alike(cast.agent, EACH + 2)
    a_question(cast.agent)
    fleet = fleet_now(cast.owner, cast.team, timezone.now().date())
    assert (fleet.need(Need.EXCEPTIONS), fleet.need(Need.WAITING)) == (EACH + 1, 1)
    assert fleet.more == {Need.EXCEPTIONS, Need.SILENT}
    said = sign_in(cast.owner).get("/").content.decode()
    assert said.count(f"{EACH + 1}+<") == 2, "the card's and the agent's"
    assert f"<b>{EACH}+</b>silent" in said


def test_a_place_that_is_gone_is_where_it_was(cast: Cast) -> None:
    made = [a_question(cast.agent, cause=str(number)) for number in range(3)]
    before = opened(cast).page(3)
    RunException.objects.filter(pk=before[0].exception).update(state="resolved", resolved_at=timezone.now())
    ReviewItem.objects.filter(exception=before[0].exception).update(state="decided")

    assert opened(cast).page(3, (before[0].rank, before[0].item)) == before[1:]
    assert len(made) == len(before)
    assert opened(cast).page(3, (float("nan"), uuid.UUID(int=0))) == before[1:]


def test_what_was_assigned_to_somebody_is_theirs_beside_what_their_agents_ask(cast: Cast) -> None:
    own, assigned = a_question(cast.agent), a_question(cast.agent, cause="other")
    ReviewItem.objects.filter(exception=assigned).update(assignee=cast.backup)

    assert [place.exception for place in opened(cast, owner=str(cast.backup.pk)).page(9)] == [assigned.pk]
    assert {place.exception for place in opened(cast, owner=str(cast.owner.pk)).page(9)} == {own.pk, assigned.pk}
    assert opened(cast, owner=str(cast.backup.pk)).counts()["medium"] == 1

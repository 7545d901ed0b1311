"""The queue: what needs a person, decided one after the other."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.base.ids import uuid7
from agents.fleet.actions import require_second_person
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, ReviewTime
from agents.runs.actions import claim_item
from agents.runs.enums import DecisionKind, ItemState, ReviewState, RunState
from agents.runs.models import DailyReview, Decision, RunException
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, REFUND, a_question, a_run, an_approval, an_output

# Session, person, team, sidebar; items, reviews, digests, what can be undone. Without a review there is no digest.
QUERIES = 10
PAGE_QUERIES = 22
HTMX = {"HX-Request": "true", "HX-Target": "detail"}


def a_day(cast: Cast, agent: Agent | None = None, **more: Any) -> DailyReview:
    now = timezone.now()
    fields: dict[str, Any] = {
        "agent": agent or cast.agent,
        "day": now.date(),
        "since": now - timedelta(hours=12),
    } | more
    return DailyReview.objects.create(**fields)


def agents(cast: Cast, count: int) -> None:
    """So many agents, each with a question, a day, and a run."""
    for n in range(count):
        agent = make_agent(cast.team, f"more-{n}", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
        a_question(agent, a_run(agent, RunState.WAITING))
        a_day(cast, agent)


def decide(client: Client, exception: RunException, headers: dict[str, str] | None = None, **given: Any) -> Any:
    data = {"kind": "respond", "note": "", "key": uuid7(), "sha256": exception.proposal_sha256} | given
    return client.post(f"/queue/{exception.item.pk}/decide/", data, headers=headers or {})


@pytest.mark.parametrize("count", [1, 25])
def test_the_queue_costs_the_same_for_one_agent_and_for_many(
    cast: Cast, sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agents(cast, count)
    client = sign_in(cast.owner)
    client.get("/queue/")  # what Django keeps per process is not counted
    with django_assert_num_queries(QUERIES):
        page = client.get("/queue/").content.decode()
    assert page.count('id="item-') == count
    assert page.count('id="review-') == count


def test_the_worst_agent_comes_first_and_says_why(cast: Cast, sign_in: SignIn) -> None:
    dear = make_agent(cast.team, "dear", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    dear.waiting_cost_micros_per_hour = 90_000_000
    dear.save()
    for agent in (cast.agent, dear):
        a_question(agent, a_run(agent, RunState.WAITING))
    page = sign_in(cast.owner).get("/queue/").content.decode()
    assert page.index('aria-label="dear"') < page.index('aria-label="refund agent"')
    assert "waiting costs $90.00 an hour" in page


def test_a_filter_lists_what_its_card_counts(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.agent, kind="check_in", step_key="")
    an_approval(cast.agent)
    client = sign_in(cast.owner)
    assert client.get("/queue/?need=check_ins").content.decode().count('id="item-') == 1
    assert client.get("/queue/?need=nonsense").content.decode().count('id="item-') == 2


def test_an_item_opens_beside_the_list_and_alone_for_htmx(cast: Cast, sign_in: SignIn) -> None:
    item = an_approval(cast.agent).item
    client = sign_in(cast.owner)
    whole, alone = client.get(f"/queue/{item.pk}/"), client.get(f"/queue/{item.pk}/", headers=HTMX)
    for page in (whole, alone):
        text = page.content.decode()
        assert "What will happen if you approve" in text
        assert "<script>alert" not in text
    assert f'id="item-{item.pk}"' in whole.content.decode()
    assert "<html" not in alone.content.decode()


def test_the_way_back_in_the_browser_is_the_whole_page(cast: Cast, sign_in: SignIn) -> None:
    item = an_approval(cast.agent).item
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in sign_in(cast.owner).get(f"/queue/{item.pk}/", headers=headers).content.decode()


def test_opening_claims_and_a_second_person_sees_who_is_on_it(cast: Cast, sign_in: SignIn) -> None:
    item = an_approval(cast.agent).item
    assert sign_in(cast.owner).post(f"/queue/{item.pk}/claim/").status_code == 204
    other = sign_in(cast.second)
    assert other.post(f"/queue/{item.pk}/claim/").status_code == 204
    assert "Amelia is on it" in other.get("/queue/").content.decode()
    item.refresh_from_db()
    assert item.claimed_by == cast.owner


def test_what_was_put_off_stays_put_off_when_its_page_claims_late(cast: Cast, sign_in: SignIn) -> None:
    item, client = an_approval(cast.agent).item, sign_in(cast.owner)
    drawn = f'name="state" value="{item.state}"'
    assert drawn in client.get(f"/queue/{item.pk}/", headers=HTMX).content.decode()
    client.post(f"/queue/{item.pk}/snooze/", {"later": "1h"})
    client.post(f"/queue/{item.pk}/claim/", {"state": item.state})
    item.refresh_from_db()
    assert item.state == ItemState.SNOOZED
    client.post(f"/queue/{item.pk}/claim/", {"state": item.state})
    item.refresh_from_db()
    assert (item.state, item.claimed_by) == (ItemState.CLAIMED, cast.owner)


def test_a_decision_without_a_script_begins_the_list_again(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    exception = an_approval(cast.agent, run)
    answer = decide(sign_in(cast.owner), exception, kind="approve")
    assert (answer.status_code, answer["Location"]) == (302, "/queue/")
    run.refresh_from_db()
    assert run.state == RunState.QUEUED


def test_a_decision_with_a_script_names_the_row_that_is_done(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    answer = decide(sign_in(cast.owner), exception, HTMX, kind="approve")
    assert answer.status_code == 204
    assert answer["HX-Trigger"] == f'{{"rollcall:decided": {{"rows": ["item-{exception.item.pk}"]}}}}'


def test_whoever_is_late_reads_who_was_faster(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    decide(sign_in(cast.second), exception, kind="reject", note="No")
    late = decide(sign_in(cast.owner), exception, HTMX, kind="approve")
    assert late.status_code == 409
    assert "Dev already decided this (Reject" in late.content.decode()


def test_what_an_edit_changed_is_shown_afterwards(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    edited = {**REFUND, "amount_micros": 300_000_000}
    Decision.objects.create(item=exception.item, actor=cast.owner, kind="edit", payload=edited, idempotency_key="k")
    exception.state, exception.resolved_at = "resolved", timezone.now()
    exception.save()
    page = sign_in(cast.owner).get(f"/queue/{exception.item.pk}/").content.decode()
    assert page.count("<del>") == 1
    assert "$412.00" in page.split("<del>")[1].split("</del>")[0]
    assert "$300.00" in page.split("<ins>")[1].split("</ins>")[0]


def test_a_question_of_an_unknown_schema_gets_a_box(cast: Cast, sign_in: SignIn) -> None:
    exception = a_question(cast.agent, schema={"$ref": "https://example.org/none", "title": HOSTILE})
    page = sign_in(cast.owner).get(f"/queue/{exception.item.pk}/", headers=HTMX).content.decode()
    assert "<textarea" in page
    assert decide(sign_in(cast.owner), exception, HTMX, **{"answer-f0": "any words"}).status_code == 204


def test_a_day_closes_with_its_last_item_once_it_was_shown(cast: Cast, sign_in: SignIn) -> None:
    day, exception, client = a_day(cast), an_approval(cast.agent), sign_in(cast.owner)
    page = client.get(f"/queue/reviews/{day.pk}/", headers=HTMX).content.decode()
    assert "Still open" in page
    assert "Approve the day" not in page
    assert client.post(f"/queue/reviews/{day.pk}/shown/").status_code == 204
    decide(client, exception, kind="approve")
    day.refresh_from_db()
    assert day.state == ReviewState.APPROVED


@pytest.mark.parametrize(
    ("kind", "note", "state"),
    [
        (DecisionKind.APPROVE, "", ReviewState.APPROVED),
        (DecisionKind.NEEDS_CHANGE, "Too brisk", ReviewState.NEEDS_CHANGE),
        (DecisionKind.SKIP, "Holiday", ReviewState.SKIPPED),
        (DecisionKind.SKIP, "", ReviewState.PENDING),
    ],
)
def test_a_day_is_decided(cast: Cast, sign_in: SignIn, kind: DecisionKind, note: str, state: ReviewState) -> None:
    day = a_day(cast)
    an_output(a_run(cast.agent, state_since=timezone.now()))
    client = sign_in(cast.owner)
    page = client.get(f"/queue/reviews/{day.pk}/")
    assert "<script>alert" not in page.content.decode()
    data = {"kind": kind, "note": note, "until": page.context["until"], "key": uuid7()}
    answer = client.post(f"/queue/reviews/{day.pk}/decide/", data, headers=HTMX)
    day.refresh_from_db()
    assert day.state == state
    assert answer.status_code == (204 if state != ReviewState.PENDING else 422)


def test_quiet_days_are_approved_together_and_the_loud_left(cast: Cast, sign_in: SignIn) -> None:
    quiet = make_agent(cast.team, "quiet", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    days = [a_day(cast, quiet), a_day(cast)]
    client = sign_in(cast.owner)
    page = client.get("/queue/")
    assert "2 quiet agents" in page.content.decode()
    an_approval(cast.agent)
    data = {"review": [day.pk for day in days], "until": page.context["queue"].drawn_at.isoformat()}
    said = client.post("/queue/quiet/", data, follow=True).content.decode()
    assert "1 quiet day approved." in said
    assert "Left for a closer look: refund agent." in said
    assert {day.agent.slug: day.state for day in DailyReview.objects.all()} == {
        "quiet": ReviewState.APPROVED,
        "refund-agent": ReviewState.PENDING,
    }


def test_nothing_ticked_approves_nothing(cast: Cast, sign_in: SignIn) -> None:
    a_day(cast)
    said = sign_in(cast.owner).post("/queue/quiet/", {"until": "now", "review": ["x"]}, follow=True).content.decode()
    assert "toast-error" in said
    assert DailyReview.objects.get().state == ReviewState.PENDING


def test_minutes_are_counted_on_the_agent_that_is_open(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    for beat in ({"agent": cast.agent.slug, "seconds": 15}, {"agent": "?", "seconds": "x"}):
        assert client.post("/queue/activity/", beat).status_code == 204
    assert ReviewTime.objects.get().seconds == 15


def test_a_reader_sees_the_item_without_its_buttons(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    client = sign_in(cast.auditor)
    page = client.get(f"/queue/{exception.item.pk}/", headers=HTMX).content.decode()
    assert "You may read this but not decide it" in page
    assert "/claim/" not in page
    assert decide(client, exception, kind="approve").status_code == 403


def test_a_stranger_finds_nothing(cast: Cast, sign_in: SignIn) -> None:
    exception, day = an_approval(cast.agent), a_day(cast)
    client = sign_in(cast.rival)
    paths = [f"/queue/{exception.item.pk}/", f"/queue/reviews/{day.pk}/", f"/queue/{uuid7()}/"]
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
    assert 'id="item-' not in client.get("/queue/").content.decode()


def test_an_empty_queue_says_so_and_to_whom_nothing_ever_comes(cast: Cast, sign_in: SignIn) -> None:
    pages = [sign_in(person).get("/queue/").content.decode() for person in (cast.owner, cast.auditor)]
    assert ["Nothing waits for you" in page for page in pages] == [True, True]
    assert ["You review no agent" in page for page in pages] == [False, True]


def test_an_item_beside_the_list_costs_a_fixed_number_of_queries(
    cast: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    exception = an_approval(cast.agent, a_run(cast.agent, RunState.WAITING))
    claim_item(exception.item, actor=cast.owner)
    client = sign_in(cast.owner)
    client.get(f"/queue/{exception.item.pk}/")
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(f"/queue/{exception.item.pk}/")


def test_who_decides_first_of_two_hears_at_once_that_a_second_has_to(cast: Cast, sign_in: SignIn) -> None:
    require_second_person(cast.agent, above_micros=1_000_000, actor=cast.owner)
    for headers, client in ((HTMX, sign_in(cast.owner)), (None, sign_in(cast.second))):
        answer = decide(client, an_approval(cast.agent), headers, kind="approve")
        said = json.loads(answer["HX-Trigger"])["rollcall:said"]["lines"] if headers else []
        after = client.get("/queue/").content.decode()
        assert [each["text"].partition(":")[0] for each in said] == ["Held"] * bool(headers)
        assert ("Held: above this amount" in after) is (headers is None)
        assert "Decided: " not in after

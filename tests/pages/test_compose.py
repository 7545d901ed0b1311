"""Composing a flow on its page: it begins with the one that ships, is refused in plain words, and runs."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from agents.fleet.models import FlowVersion
from agents.flows.composed import READY, Stage, as_json
from agents.flows.composing import recipe
from agents.runs.enums import DecisionKind, RunState
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, keys, step
from tests.model import use_rehearsal
from tests.pages.conftest import SignIn
from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server", "use_rehearsal"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
NEW, SLUG = "/flows/new/", "own-pilot"
REPLY = {"reply": "Refunds arrive within 5 to 10 working days on the card that paid. [p1]"}
MARKED = {"score": 0.9, "critique": ""}


def typed(stages: tuple[Stage, ...] = READY, name: str = "Pilot") -> dict[str, Any]:
    """The form as a person leaves it; a cost in USD, and nothing where there is none."""
    rows: dict[str, Any] = {"name": name, "form-TOTAL_FORMS": 8, "form-INITIAL_FORMS": 0}
    for number, stage in enumerate(stages):
        given = as_json(stage) | {"cost_micros": "" if stage.cost_micros is None else stage.cost_micros / 1_000_000}
        rows |= {f"form-{number}-{field}": "" if value is None else value for field, value in given.items()}
    return rows


def said(client: Client, stages: tuple[Stage, ...], status: int = 422) -> str:
    answer = client.post(NEW, typed(stages))
    assert answer.status_code == status
    return unescape(answer.content.decode())


@pytest.fixture
def chief(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.chief)


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def test_the_editor_begins_with_the_flow_that_ships(chief: Client) -> None:
    text = chief.get(NEW).content.decode()
    assert [f'value="{one.name}"' in text for one in READY] == [True] * len(READY)
    assert "4 to 6 states" in text


def test_who_may_not_keep_a_flow_is_told_before_typing_one_and_may_draw_it(cast: Cast, sign_in: SignIn) -> None:
    owner, chief = sign_in(cast.owner), sign_in(cast.chief)
    for path, offered in (
        (NEW, ">Keep<"),
        ("/flows/", "Compose a flow"),
        ("/flows/chaining/", "Change what is promised"),
    ):
        assert [offered in client.get(path).content.decode() for client in (chief, owner)] == [True, False], path
    assert "You may draw here" in owner.get(NEW).content.decode()


def test_what_is_typed_is_drawn_as_a_graph_with_its_criteria_and_not_kept(chief: Client) -> None:
    shown = chief.get(NEW).content.decode()
    assert 'id="drawn"' in shown
    marked = Stage("classifier", "sort", 3_000, 20_000, 0.7), READY[1], READY[2]
    for htmx in (False, True):
        answer = chief.post(NEW, typed(marked) | {"draw": "1"}, headers={"HX-Request": "true"} if htmx else None)
        text = unescape(answer.content.decode())
        assert (answer.status_code, "<form" in text) == (200, not htmx)
        assert "<title>confidence is at least 0.7</title>" in text
        assert "<title>confidence is below 0.7</title>" in text
    lacking = chief.post(NEW, typed((Stage("writer", "draft", 0, None),)) | {"draw": "1"}).content.decode()
    assert "node “draft” has no latency target" in lacking
    assert not FlowVersion.objects.exists()


def test_a_kept_flow_is_listed_with_its_graph_and_leaves_its_trail(cast: Cast, chief: Client) -> None:
    answer = chief.post(NEW, typed())
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/flows/{SLUG}/")
    text = unescape(chief.get(answer.headers["Location"]).content.decode())
    assert "classify → retrieve → generate → verify → publish" in text
    assert "Change its states" in text
    assert 'id="flow-own-pilot"' in chief.get("/flows/").content.decode()
    event = AuditEvent.objects.get(verb="flow.composed")
    assert AuditPayload.objects.get(pk=event.pk).body["stages"] == [one.name for one in READY]


def test_what_a_state_lacks_is_refused_in_plain_words_with_everything_typed(chief: Client) -> None:
    text = said(chief, (Stage("classifier", "sort", 0, None), Stage("writer", "draft", 5_000, 40_000)))
    assert "node “sort” has no latency target" in text
    assert "node “sort” has no cost limit" in text
    assert 'value="draft"' in text
    assert not FlowVersion.objects.exists()


@pytest.mark.parametrize(
    ("stages", "why"),
    [
        ((), "the flow has no states"),
        ((Stage("publish", "send", 500, 0),), "“send” sends a reply that no state has written"),
        ((Stage("writer", "a", 500, 90_000), Stage("writer", "a", 500, 90_000)), "two nodes are called “a”"),
        ((Stage("writer", "a/b", 500, 90_000),), "“a/b” cannot name a node"),
    ],
    ids=["none", "unwritten", "twice", "name"],
)
def test_a_flow_that_makes_no_sense_is_refused(chief: Client, stages: tuple[Stage, ...], why: str) -> None:
    assert why in said(chief, stages)


def test_who_writes_no_policy_composes_nothing(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).post(NEW, typed()).status_code == 403


def test_more_or_fewer_states_than_a_first_flow_should_have_are_kept_with_a_warning(chief: Client) -> None:
    answer = chief.post(NEW, typed(READY[2:3]), follow=True)
    assert "with 2 states" in unescape(answer.content.decode())


def test_a_name_is_taken_once_and_a_change_is_the_next_version(cast: Cast, chief: Client) -> None:
    chief.post(NEW, typed())
    assert "Another flow is called like this" in said(chief, READY)
    assert 'value="Pilot"' in chief.get(f"/flows/{SLUG}/edit/").content.decode()
    chief.post(f"/flows/{SLUG}/edit/", typed(READY[:3], "Pilot two"))
    kept = FlowVersion.objects.filter(flow__slug=SLUG).order_by("-number")
    assert [(one.number, len(one.graph["nodes"])) for one in kept] == [(2, 4), (1, 7)]
    assert recipe(cast.team, SLUG).name == "Pilot two"
    assert chief.get("/flows/triage/edit/").status_code == 404


def test_a_composed_flow_runs_from_its_page_to_its_reply(cast: Cast, chief: Client, bench: Bench) -> None:
    chief.post(NEW, typed())
    bench.says(classified(), REPLY, MARKED)
    run = bench.try_it(recipe(cast.team, SLUG))
    assert keys(run) == ["classify/1", "retrieve/1", "generate/1", "verify/1", "publish/1"]
    assert (run.state, run.outputs.get().content) == (RunState.DONE, REPLY["reply"])


def test_below_its_mark_a_person_takes_over_and_what_they_send_leaves(cast: Cast, chief: Client, bench: Bench) -> None:
    chief.post(NEW, typed())
    bench.says(classified(confidence=0.4))
    run = bench.try_it(recipe(cast.team, SLUG))
    assert (keys(run), step(run, "escalate/1").reason) == (["classify/1", "escalate/1"], "confidence is below 0.5")
    run = bench.answer(run, DecisionKind.RESPOND, {"answer": "We call you today."})
    assert (run.state, run.outputs.get().content) == (RunState.DONE, "We call you today.")


def test_what_a_person_refuses_is_not_sent(cast: Cast, chief: Client, bench: Bench) -> None:
    chief.post(NEW, typed())
    bench.says(classified(), REPLY, MARKED | {"score": 0.1})
    run = bench.answer(bench.try_it(recipe(cast.team, SLUG)), DecisionKind.REJECT)
    assert (run.state, keys(run)[-1], run.outputs.exists()) == (RunState.DONE, "drop/1", False)

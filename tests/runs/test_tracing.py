"""Our runs as traces: sent once each run is over, to a receiver of OTLP over HTTP; words and customers' data stay."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from agents.base import outbox
from agents.base.collector import MOST_TRIES, NotTaken
from agents.base.http.breaker import breaker
from agents.base.models import Outbox
from agents.fleet.models import Assignment, Model
from agents.runs.actions import cancel_run
from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step
from agents.runs.tracing import TOPIC, export
from tests.cast import Cast
from tests.runs.receiver import Receiver, receiving
from tests.runs.toys import started

SECRET = "4111 1111 1111 1111 of Marta"
HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def listening() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def receiver(listening: Receiver, settings: Settings, db: None) -> Receiver:
    """It has heard nothing, and nothing else is to leave."""
    Outbox.objects.all().delete()
    listening.taken.clear()
    listening.statuses.clear()
    breaker.succeeded(HERE)
    settings.OTLP_TRACES_ENDPOINT = f"http://{HERE}:{listening.port}/v1/traces"
    settings.OTLP_HEADERS = {"Authorization": "Bearer collector"}
    settings.EGRESS_ALLOW = [f"{HERE}:{listening.port}"]
    return listening


def relay() -> int:
    """What is kept leaves now: a test's transaction began before it was written."""
    Outbox.objects.filter(published_at=None).update(available_at=datetime(2026, 1, 1, tzinfo=UTC))
    return outbox.relay()


def done(cast: Cast, toy: str = "chain", **settings: Any) -> Run:
    run = started(cast.agent, toy, {"text": SECRET}, **settings)
    drive(run.pk)
    run.refresh_from_db()
    return run


def test_a_run_that_is_over_leaves_once_as_one_trace(cast: Cast, receiver: Receiver) -> None:
    run = done(cast, steps=3)
    assert (relay(), relay()) == (1, 0)
    [(headers, _body)] = receiver.taken
    assert headers["path"] == "/v1/traces"
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/x-protobuf", "Bearer collector")
    whole, *steps = receiver.spans()
    assert (whole["trace"], whole["id"], whole["parent"], whole["status"]) == (run.pk.bytes, run.pk.bytes[8:], b"", 1)
    assert whole["name"] == "invoke_workflow toy-chain"
    assert [(one["name"], one["parent"], one["trace"]) for one in steps] == [
        (f"execute_tool n{number}", whole["id"], whole["trace"]) for number in range(3)
    ]
    assert len({one["id"] for one in [whole, *steps]}) == 4
    assert [one["start"] for one in steps] == sorted(one["start"] for one in steps)


def test_every_step_names_its_cost_center_and_use_case_its_model_tokens_and_money(
    cast: Cast, receiver: Receiver
) -> None:
    run = started(cast.agent, "model", cost=100)
    Assignment.objects.filter(agent=cast.agent).update(cost_center="support-es", use_case="refunds")
    Model.objects.create(team=cast.team, provider="openai", name="gpt-5-mini", tier="standard")
    drive(run.pk)
    more = {"model": "gpt-5-mini", "prompt_version": "roles/writer/2", "tokens_in": 512, "tokens_out": 64}
    Step.objects.filter(run=run).update(**more, cost_micros=77)
    relay()
    whole, step = receiver.spans()
    assert (step["name"], step["kind"]) == ("chat gpt-5-mini", 3)
    assert step["attributes"] == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.prompt.name": "roles/writer/2",
        "gen_ai.usage.input_tokens": 512,
        "gen_ai.usage.output_tokens": 64,
        "rollcall.step.key": "think/1",
        "rollcall.node.kind": "role",
        "rollcall.tries": 1,
        "rollcall.cost_micros": 77,
        "rollcall.currency": "USD",
        "cost_center": "support-es",
        "use_case": "refunds",
    }
    assert (whole["attributes"]["gen_ai.agent.name"], whole["attributes"]["rollcall.flow.version"]) == (
        "refund-agent",
        1,
    )


def test_what_went_in_and_out_and_what_was_said_stays_here(cast: Cast, receiver: Receiver) -> None:
    run = done(cast, "broken")
    Step.objects.filter(run=run).update(error=SECRET, fault=SECRET, reason=SECRET, output={"said": SECRET})
    Run.objects.filter(pk=run.pk).update(title=SECRET, external_id=SECRET, reason=f"{SECRET}: {SECRET}")
    relay()
    whole, step = receiver.spans()
    assert b"Marta" not in receiver.taken[-1][1]
    assert {one["attributes"]["error.type"] for one in (whole, step)} == {"_OTHER"}
    assert (whole["status"], step["status"]) == (2, 2)


def test_calls_branches_and_sub_flows_lie_in_their_step(cast: Cast, receiver: Receiver) -> None:
    run = done(cast, steps=1)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    for seq, key in enumerate(["set/1", "set/1/b0", "set/1/b0/0", "set/1/b1/inner/1"], start=2):
        end = at + timedelta(microseconds=7)
        Step.objects.create(run=run, key=key, node="x", kind="role", seq=seq, started_at=at, finished_at=end)
    Step.objects.create(run=run, key="never/1", node="x", kind="role", seq=9)
    relay()
    spans = {one["attributes"].get("rollcall.step.key", ""): one for one in receiver.spans()}
    around = {
        key: next((name for name, other in spans.items() if other["id"] == one["parent"]), None)
        for key, one in spans.items()
    }
    assert around == {
        "": None,
        "n0/1": "",
        "set/1": "",
        "set/1/b0": "set/1",
        "set/1/b0/0": "set/1/b0",
        "set/1/b1/inner/1": "set/1",
    }
    assert spans["set/1"]["end"] - spans["set/1"]["start"] == 7000


@pytest.mark.parametrize(("status", "left"), [(429, 1), (503, 1), (400, 0), (404, 0)])
def test_what_may_help_is_tried_again_and_what_cannot_is_given_up(
    cast: Cast, receiver: Receiver, status: int, left: int
) -> None:
    done(cast)
    receiver.statuses.append(status)
    relay()
    assert Outbox.objects.filter(published_at=None).count() == left
    relay()
    assert Outbox.objects.filter(published_at=None).count() == 0
    assert len(receiver.taken) == 1 + left


def test_a_receiver_that_never_comes_back_is_given_up_in_the_end(cast: Cast, receiver: Receiver) -> None:
    message = Outbox(topic=TOPIC, payload={"run": str(done(cast).pk)}, attempts=MOST_TRIES - 1)
    receiver.statuses += [503, 503]
    with pytest.raises(NotTaken):
        export(message)
    message.attempts = MOST_TRIES
    export(message)


def test_a_run_nobody_carries_on_leaves_too_and_others_do_not(
    cast: Cast, receiver: Receiver, settings: Settings
) -> None:
    run = started(cast.agent, "chain")
    assert not Outbox.objects.filter(topic=TOPIC).exists()
    cancel_run(run, actor=cast.owner, reason="wrong ticket")
    assert Outbox.objects.filter(topic=TOPIC).count() == 1
    settings.OTLP_TRACES_ENDPOINT = ""
    assert done(cast).state == RunState.DONE
    assert Outbox.objects.filter(topic=TOPIC).count() == 1
    relay()
    assert receiver.taken == []

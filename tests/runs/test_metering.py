"""Figures of runs as OpenTelemetry metrics: each run counts once, in the minute in which it ended."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from agents.base import outbox
from agents.base.http.breaker import breaker
from agents.base.models import Outbox
from agents.fleet.models import Model
from agents.runs.execution.drive import drive
from agents.runs.metering import LATE, TOPIC, meter
from agents.runs.models import Run, Step
from tests.cast import Cast
from tests.runs.receiver import Receiver, receiving
from tests.runs.toys import started

HERE = "127.0.0.1"
ASKED = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5-mini"}


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
    settings.OTLP_METRICS_ENDPOINT = f"http://{HERE}:{listening.port}/v1/metrics"
    settings.EGRESS_ALLOW = [f"{HERE}:{listening.port}"]
    return listening


def ended(cast: Cast, toy: str, **step: object) -> Run:
    """A run of the toy that ended 45 seconds ago, its steps as given."""
    run = started(cast.agent, toy)
    drive(run.pk)
    Step.objects.filter(run=run).update(**step)
    Run.objects.filter(pk=run.pk).update(state_since=timezone.now() - LATE * 1.5)
    return run


def relay() -> int:
    """What is kept leaves now: a test's transaction began before it was written."""
    Outbox.objects.filter(published_at=None).update(available_at=datetime(2026, 1, 1, tzinfo=UTC))
    return outbox.relay()


def test_a_minute_s_runs_leave_as_histograms_and_each_only_once(cast: Cast, receiver: Receiver) -> None:
    Model.objects.create(team=cast.team, provider="openai", name="gpt-5-mini", tier="standard")
    used = {"model": "gpt-5-mini", "tokens_in": 512, "tokens_out": 64, "cost_micros": 77, "latency_ms": 300}
    ended(cast, "model", **used, cost_center="support-es", use_case="refunds")
    ended(cast, "broken", kind="tool", latency_ms=20)
    meter()
    assert relay() == 1
    told = receiver.metrics()
    assert receiver.taken[-1][0]["path"] == "/v1/metrics"
    flows = {point["attributes"]["gen_ai.workflow.name"]: point for point in told["gen_ai.workflow.duration"]}
    assert flows["toy-broken"]["attributes"]["error.type"] == "exit_criterion"
    assert (flows["toy-model"]["count"], sum(flows["toy-model"]["buckets"])) == (1, 1)
    [call] = told["gen_ai.client.operation.duration"]
    assert (call["attributes"], call["sum"], call["buckets"].index(1)) == (ASKED, 0.3, 5)
    tokens = {point["attributes"]["gen_ai.token.type"]: point["sum"] for point in told["gen_ai.client.token.usage"]}
    assert tokens == {"input": 512, "output": 64}
    [tool] = told["gen_ai.execute_tool.duration"]
    assert tool["attributes"]["gen_ai.tool.name"] == "bad"
    [cost] = told["rollcall.cost"]
    whose = {"cost_center": "support-es", "use_case": "refunds", "rollcall.currency": "USD"}
    assert cost == {"attributes": whose, "value": 77}
    meter()
    assert relay() == 0


def test_the_next_request_begins_where_the_last_ended_also_after_a_pause(cast: Cast, receiver: Receiver) -> None:
    long_ago = timezone.now() - timedelta(minutes=20)
    Outbox.objects.create(topic=TOPIC, key=TOPIC, payload={"until": long_ago.isoformat()}, published_at=long_ago)
    run = ended(cast, "chain")
    Run.objects.filter(pk=run.pk).update(state_since=long_ago + timedelta(minutes=5))
    meter()
    message = Outbox.objects.get(published_at=None)
    assert message.payload["since"] == long_ago.isoformat()
    assert relay() == 1


def test_nothing_leaves_where_no_endpoint_is_given_and_other_people_s_runs_never_do(
    cast: Cast, receiver: Receiver, settings: Settings
) -> None:
    reported = ended(cast, "chain")
    Run.objects.filter(pk=reported.pk).update(source="api")
    meter()
    ended(cast, "chain")
    settings.OTLP_METRICS_ENDPOINT = ""
    meter()
    assert not Outbox.objects.filter(topic=TOPIC).exists()

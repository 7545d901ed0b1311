"""The order of the queue: a sum anybody can check, with its reason in words."""

from math import log2
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from agents import runs
from agents.fleet.enums import Vendor
from agents.runs.actions import raise_exception
from agents.runs.actions.ranks import rank_items
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import ReviewItem, Run, RunException, Step
from agents.runs.ranking import doubts, reasons, stakes
from agents.runs.signals import BASE, EXCEPTION, Signal, register, same, words
from agents.runs.suspicion.logistic import sigmoid
from tests.cast import Cast
from tests.morning.stage import ago, review


def trouble(cast: Cast, severity: Severity = Severity.LOW, **about: object) -> ReviewItem:
    exception = raise_exception(
        cast.agent,
        kind=ExceptionKind.HANDOFF,
        title="Call back",
        severity=severity,
        **about,  # type: ignore[arg-type]
    )
    return ReviewItem.objects.select_related("exception__agent").get(exception=exception)


def test_expected_loss_is_probability_times_value_plus_an_hour_s_waiting(cast: Cast) -> None:
    cast.agent.value_per_outcome_micros, cast.agent.waiting_cost_micros_per_hour = 50_000_000, 12_000_000
    item = trouble(cast, Severity.HIGH)
    p = sigmoid(BASE + 1.3 * 3)
    assert item.rank == pytest.approx(p * 50 + 12)
    assert reasons(item) == ["60 % likely wrong", "High severity", "$50.00 at risk", "waiting costs $12.00 an hour"]


def test_errors_retries_and_refusals_of_the_run_count(cast: Cast) -> None:
    run = Run.objects.create(agent=cast.agent, state="done", steps_done=3, result="Sent")
    steps: list[dict[str, Any]] = [{"error": "no"}, {"tries": 3}, {"kind": "judge", "output": {"publishable": False}}]
    for number, fields in enumerate(steps, start=1):
        Step.objects.create(run=run, key=f"k{number}", seq=number, node="n", **{"kind": "tool", **fields})
    item = trouble(cast, run=run)
    assert reasons(item) == [
        "42 % likely wrong",
        "Low severity",
        "1 text refused by guardrails",
        "1 step with an error",
    ]
    assert item.rank == pytest.approx(10 * sigmoid(BASE + 1.3 + 0.6 + 0.3 * log2(3) + 0.8))


def test_a_run_much_longer_than_usual_stands_out(cast: Cast) -> None:
    for number in range(3):
        Run.objects.create(agent=cast.agent, state="done", steps_done=4, external_id=f"r{number}")
    run = Run.objects.create(agent=cast.agent, state="waiting", steps_done=40)
    assert "10.0 times as long as usual" in reasons(trouble(cast, run=run))


def test_an_agent_nobody_looked_at_for_days_comes_forward(cast: Cast) -> None:
    review(cast.agent, ago(days=9), state="approved", until=ago(days=4, hours=1), day=ago(days=4).date())
    review(cast.agent, ago(days=4), state="skipped", until=ago(days=1), day=ago(days=1).date())
    item = trouble(cast)
    assert reasons(item) == ["18 % likely wrong", "Low severity", "not reviewed for 4 days"]


def test_a_weekend_without_a_look_is_nothing_special(cast: Cast) -> None:
    review(cast.agent, ago(days=9), state="approved", until=ago(days=2, hours=23), day=ago(days=3).date())
    assert reasons(trouble(cast)) == ["10 % likely wrong", "Low severity"]


def test_the_reason_is_said_in_the_reader_s_language(cast: Cast) -> None:
    item = trouble(cast)
    with translation.override("es"):
        assert "Low severity" not in reasons(item)


def test_a_run_that_was_dear_is_told_apart_from_what_its_agent_s_waiting_costs(cast: Cast) -> None:
    reason = "p:0.98 cost:8.73 value:6000000:USD cost:12000000:USD"
    assert doubts(reason) == ["98 % likely wrong", "8.7 times as dear as usual"]
    assert stakes(reason) == ["$6.00 at risk", "waiting costs $12.00 an hour"]
    item = trouble(cast)
    ReviewItem.objects.update(rank_reason=reason)
    item.refresh_from_db()
    assert reasons(item) == [*doubts(reason), *stakes(reason)]


def test_ranking_again_follows_what_an_agent_is_worth_now(cast: Cast) -> None:
    item = trouble(cast)
    cast.agent.value_per_outcome_micros = 90_000_000
    cast.agent.save()
    assert rank_items(cast.team.pk) == 1
    item.refresh_from_db()
    assert item.rank == pytest.approx(90 * sigmoid(BASE + 1.3))
    assert rank_items(cast.rival_team.pk) == 0


def test_ranking_again_keeps_what_somebody_escalated(cast: Cast) -> None:
    item = trouble(cast)
    ReviewItem.objects.update(rank_reason="p:0.90 escalated:1 severity:1")
    rank_items()
    item.refresh_from_db()
    assert item.rank == pytest.approx(10 * sigmoid(BASE + 1.3 + 4))


def test_what_a_newer_release_found_is_said_by_its_name() -> None:
    assert words("drift", 3) == "drift"


@pytest.mark.parametrize("name", ["severity", "two words", "a:b"])
def test_a_signal_s_name_is_its_own_and_can_be_stored(name: str) -> None:
    with pytest.raises(ValueError, match="No signal"):
        register(Signal(name, lambda _facts: 0, same, 0.1, str, "No reason."), EXCEPTION)


def test_the_worst_comes_first(cast: Cast) -> None:
    low, high = trouble(cast), trouble(cast, Severity.HIGH)
    ordered = RunException.objects.order_by("-item__rank").values_list("pk", flat=True)
    assert list(ordered) == [high.exception_id, low.exception_id]
    assert cast.agent.vendor == Vendor.OURS


def test_what_a_benchmark_knows_of_a_run_is_out_of_the_ranking_s_sight() -> None:
    sources = Path(runs.__file__).parent.rglob("*.py")
    assert not [path.name for path in sources if "groundtruth" in path.read_text().lower().replace("_", "")]

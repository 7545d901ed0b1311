"""Several documents in one call: what that saved is on its step, and what it left out is asked by itself.

Branches read the database from threads of their own, so these tests commit.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.engine.prompts import Prompt
from agents.flows.batching import MOST_CHARS, _asked, batches
from agents.flows.roles import SCOUT
from agents.runs.models import Run, Step
from agents.runs.queries.batched import Batched, batched
from agents.runs.queries.figures import figures
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, keys, step
from tests.rehearsal.fixtures import Rehearsal

USELESS = {"kind": "reply", "text": "x" * 20_000, "times": 2}
"""Longer than was asked for, from the model and from the one that follows it."""


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal, use_rehearsal: None) -> Bench:
    return bench_of(cast, rehearsal)


def results(*numbers: int) -> dict[str, Any]:
    return {"results": [{"number": number, "finding": f"found {number}"} for number in numbers]}


def documents_of(bench: Bench, n: int) -> Run:
    return bench.run("documents", "", tasks=[f"Invoice {number}, due 2 June." for number in range(1, n + 1)])


def test_texts_go_together_in_order_as_many_as_one_call_takes_in() -> None:
    assert batches(["a"] * 6) == [{"1": "a", "2": "a", "3": "a", "4": "a", "5": "a"}, {"6": "a"}]
    long = "x" * (MOST_CHARS - 1)
    assert batches([long, "a", "b"]) == [{"1": long, "2": "a"}, {"3": "b"}]
    assert batches([]) == []


def test_one_call_for_all_may_take_half_of_the_money_and_words_for_each_of_the_answers() -> None:
    asked: dict[str, Any] = {}
    models = SimpleNamespace(chat=lambda tier, messages, **given: asked.update(given))
    context: Any = SimpleNamespace(services=SimpleNamespace(models=models), cost_micros=100)
    _asked(context, Prompt("1", "", ""), SCOUT, {"1": "a", "7": "b"})
    assert (asked["cost_limit_micros"], asked["max_tokens"]) == (50, 2 * SCOUT.max_tokens)
    assert asked["schema"]["properties"]["results"]["items"]["properties"]["number"]["enum"] == [1, 7]


@pytest.mark.django_db(transaction=True)
def test_documents_are_read_in_one_call_whose_step_says_what_that_saved(bench: Bench) -> None:
    bench.says(results(1, 2, 3))
    run = documents_of(bench, 3)
    assert keys(run) == ["read/1/b0/0", "read/1/b0", "read/1", "table/1"]
    together = step(run, "read/1/b0/0")
    saved = (together.output or {})["batch"]
    assert (saved["size"], saved["calls"]) == (3, 2)
    assert 100 < saved["tokens"] < 1000
    assert saved["micros"] == -(-saved["tokens"] * 150_000 // 10**6)
    assert "3 in one call of rehearsal-small, which saved 2 calls, about " in together.reason
    bench.says({"finding": "alone"})
    assert "number 1 by itself" in step(documents_of(bench, 1), "read/1/b0/0").reason
    found = [{"document": number, "finding": f"found {number}"} for number in (1, 2, 3)]
    assert step(run, "table/1").output == {"found": found, "failed": []}
    assert run.plan.most_micros == 100_000
    assert batched(run.steps.all()) == Batched(2, saved["tokens"], saved["micros"], 0)
    assert batched([Step(output={"batch": "A7"}), Step(output=[1])]) == Batched(0, 0, 0, 0)  # what vendors say
    [whole, *_nodes] = figures(Run.objects.filter(pk=run.pk))
    assert (whole.saved_calls, whole.saved_micros) == (2, saved["micros"])


@pytest.mark.django_db(transaction=True)
def test_what_the_answer_to_all_left_out_is_asked_by_itself(bench: Bench) -> None:
    bench.says(results(2), {"finding": "found 1"})
    run = documents_of(bench, 2)
    assert keys(run)[:2] == ["read/1/b0/0", "read/1/b0/1"]
    assert "number 1 by itself" in step(run, "read/1/b0/1").reason
    assert step(run, "read/1/b0/0").output["batch"]["tokens"] == 0, "nothing saved, nothing lost"  # type: ignore[index]
    assert [one["document"] for one in step(run, "table/1").output["found"]] == [1, 2]  # type: ignore[index]
    bench.says(USELESS, {"finding": "found 1"}, USELESS)
    run = documents_of(bench, 2)
    first = step(run, "read/1/b0/0")
    assert (first.output, first.cost_micros > 0) == ({"results": {}}, True)
    assert "the answer to all of them was of no use (cut_short)" in first.reason
    table = step(run, "table/1").output
    assert table == {"found": [{"document": 1, "finding": "found 1"}], "failed": [2]}
    bench.says({"kind": "429", "retry_after": 60, "times": 2})
    run = documents_of(bench, 2)
    assert keys(run) == ["read/1/b0/0"], "no model is to be had for one of them either"

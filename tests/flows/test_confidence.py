"""Each step says how sure it is, where the policy asks for it; what is not sure enough goes no further (R-155)."""

from typing import Any

import pytest
from django.utils.translation import override

from agents.base.phrases import spoken
from agents.fleet.actions import set_policy
from agents.flows.confidence import with_confidence
from agents.flows.roles import CLASSIFIER, WRITER
from agents.runs.enums import RunState, StepState
from agents.runs.lineage import lineage
from agents.runs.models import Output
from agents.runs.queries.explain import blast
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, finding, keys, prompts, step
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    bench = bench_of(cast, rehearsal)
    set_policy(cast.team, statement="Be sure.", rules={"step_confidence": {"*": 0.7, "writer": 0.9}}, actor=cast.chief)
    return bench


def sure(confidence: float, **said: Any) -> dict[str, Any]:
    return said | {"confidence": confidence}


def test_sure_steps_go_on_and_say_how_sure_they_were(bench: Bench) -> None:
    bench.says(sure(0.7, **finding()), sure(0.95, reply="Sorry."), sure(0.8, score=0.9, critique=""))
    run = bench.run("chaining")
    assert (run.state, len(prompts(bench))) == (RunState.DONE, 3)
    assert "confidence 0.95, at least 0.9 is asked" in step(run, "draft/1").reason


def test_an_unsure_step_asks_a_better_model_and_counts_what_both_cost(bench: Bench) -> None:
    bench.says(
        sure(0.4, **finding()),
        sure(0.9, **finding(said="late")),
        sure(1, reply="Sorry."),
        sure(1, score=1, critique=""),
    )
    run = bench.run("chaining")
    first = step(run, "understand/1")
    assert (run.state, first.output["finding"]) == (RunState.DONE, "late")  # type: ignore[index]
    assert "rehearsal-small was not sure enough: 0.4" in first.reason
    asked = [call["body"] for call in bench.model.calls()]
    assert [body["model"] for body in asked[:2]] == ["rehearsal-small", "rehearsal-standard"]
    assert first.tokens_in > step(run, "check/1").tokens_in / 2


def test_what_nobody_is_sure_of_fails_there_and_nothing_is_made_from_it(bench: Bench) -> None:
    bench.says(sure(0.9, **finding()), sure(0.5, reply="Perhaps."), sure(0.6, reply="Maybe."))
    run = bench.run("chaining")
    draft = step(run, "draft/1")
    assert (run.state, draft.state, draft.fault) == (RunState.WAITING, StepState.FAILED, "confidence")
    assert draft.output == {"reply": "Maybe.", "confidence": 0.6}
    assert draft.error == "confidence 0.6 is below the 0.9 that the policy asks of this step"
    with override("es"):
        assert spoken(draft.error).startswith("la confianza 0.6 está por debajo de 0.9")
    assert not Output.objects.filter(run=run).exists()
    assert keys(run)[-1] == "escalate/1"
    version = run.flow_version
    assert version is not None
    found = blast(lineage(version.graph, list(run.steps.order_by("seq"))), [])
    assert found is not None
    assert (found.step, found.effects, found.outputs) == (draft, [], [])


def test_a_flow_with_a_person_for_what_fails_asks_that_person(bench: Bench) -> None:
    bench.says(classified(confidence=0.3), classified(confidence=0.2))
    run = bench.run("routing")
    assert (run.state, keys(run)) == (RunState.WAITING, ["classify/1", "escalate/1"])


def test_without_the_rule_no_step_is_asked(cast: Cast, bench: Bench) -> None:
    set_policy(cast.team, statement="As before.", rules={}, actor=cast.chief)
    bench.says(finding(), {"reply": "Sorry."}, {"score": 0.9, "critique": ""})
    assert bench.run("chaining").state == RunState.DONE


def test_a_schema_that_asks_already_stays_as_it_is() -> None:
    assert with_confidence(CLASSIFIER.schema) == CLASSIFIER.schema
    asked = with_confidence(WRITER.schema)
    assert (asked["required"], list(asked["properties"])) == (["reply", "confidence"], ["confidence", "reply"])

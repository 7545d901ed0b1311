"""Why this answer, and what was made from a bad step: on the page of a run and over the wire."""

import re

import pytest

from agents.runs.actions import decide
from agents.runs.enums import DecisionKind, StepState
from agents.runs.models import Run, Step
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run, an_output

__all__ = ["machine"]


@pytest.fixture
def run(cast: Cast) -> Run:
    """classify → look (three at once) → weigh → approve → send; each reads what came before it."""
    run = a_run(cast.agent)
    version = run.flow_version
    assert version
    reads = {"weigh": ["look"], "approve": ["weigh"], "send": ["weigh", "approve"]}
    nodes = [one | {"reads": reads.get(one["name"], ["input"])} for one in version.graph["nodes"]]
    version.graph = version.graph | {"nodes": nodes}
    version.save()
    Step.objects.filter(run=run, node="weigh").update(
        prompt_version="roles/judge/3", output={"refund": 412, "publishable": True, "verdicts": [], "policy_version": 7}
    )
    Step.objects.filter(run=run, node="send").update(effect="write")
    an_output(run)
    return run


def part(text: str, start: str, end: str = "</details>") -> str:
    """The words between two marks, without tags."""
    begun = text.index(start)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[begun : text.index(end, begun)]))


def test_the_page_says_what_an_answer_rests_on(cast: Cast, sign_in: SignIn, run: Run) -> None:
    asked = a_question(cast.agent, run)
    answer = {"verdict": "lost"}
    decide(asked.item, actor=cast.owner, kind=DecisionKind.RESPOND, payload=answer, idempotency_key="1")
    text = part(sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode(), 'class="panel why-answer"')
    assert "it rests on 8 steps" in text
    assert re.search(r"Steps classify orders policy history look weigh approve send ", text)
    assert re.search(r"Sources p1 Refunds policy.md ", text)
    assert re.search(r"Model and prompt gpt-5-mini · – gpt-5-mini · roles/judge/3 ", text)
    assert re.search(r"Policy Version 7 ", text)
    assert re.search(r"People Amelia · Respond ", text)


def test_the_page_names_the_first_bad_step_and_what_was_made_from_it(cast: Cast, sign_in: SignIn, run: Run) -> None:
    client = sign_in(cast.owner)
    assert 'id="blast"' not in client.get(f"/runs/{run.pk}/").content.decode()
    Step.objects.filter(run=run, node__in=["policy", "weigh"]).update(state=StepState.FAILED, error="it broke")
    text = part(client.get(f"/runs/{run.pk}/").content.decode(), 'id="blast"', "</section>")
    assert "Where it went wrong first 4 later steps rest on it" in text
    assert re.search(r"Step 3 policy · it broke Later steps look weigh approve send Outputs", text)
    assert re.search(r"Changed outside send People asked approve ", text)


def test_any_step_s_consequences_can_be_asked_for(cast: Cast, sign_in: SignIn, run: Run) -> None:
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/", {"from": "6"}).content.decode()
    assert "What was made from step 6 2 later steps rest on it" in part(page, 'id="blast"', "</section>")
    for odd in ("99", "x", "-1", "²", "9" * 400):
        assert 'id="blast"' not in sign_in(cast.owner).get(f"/runs/{run.pk}/", {"from": odd}).content.decode()


def test_the_page_names_which_steps_show_the_pattern(
    machine: MakeMachine, cast: Cast, sign_in: SignIn, run: Run
) -> None:
    version = run.flow_version
    assert version
    version.graph = version.graph | {"pattern": "parallelization: sectioning"}
    version.save()
    shown = part(sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode(), 'id="pattern"')
    assert "branches run at the same time look/1/b0 , look/1/b1 , look/1/b2" in shown
    assert "one step is given what all branches brought not in this run" in shown
    _status, found = machine("owner", "read").get(f"/runs/{run.pk}/why")
    assert [one["steps"] for one in found["traits"]] == [["look/1/b0", "look/1/b1", "look/1/b2"], []]


def test_a_machine_reads_the_same(machine: MakeMachine, cast: Cast, run: Run) -> None:
    status, found = machine("owner", "read").get(f"/runs/{run.pk}/why?step=6")
    assert status == 200
    assert found["answers"][0]["steps"][-1] == "send/1"
    assert (found["answers"][0]["policy"], found["answers"][0]["cost_micros"]) == (7, 8_400)
    assert found["blast"] == {
        "step": "weigh/1",
        "error": "",
        "steps": ["approve/1", "send/1"],
        "outputs": [str(run.outputs.get().pk)],
        "effects": ["send/1"],
    }
    assert machine("rival").get(f"/runs/{run.pk}/why")[0] == 404

"""The page of a run walked again, beside what was started again after it; and the same over the wire."""

import pytest

from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_run
from tests.runs.toys import started

__all__ = ["machine"]


@pytest.fixture
def run(cast: Cast) -> Run:
    """A run of three steps that is done, and one that was started again after it and came to something else."""
    runs = [started(cast.agent, "chain", steps=3) for _ in range(2)]
    for one in runs:
        drive(one.pk)
    Run.objects.filter(pk=runs[1].pk).update(rerun_of=runs[0])
    Step.objects.filter(run=runs[1], node="n1").update(output={"at": "elsewhere"}, model="gpt-5")
    Step.objects.filter(run=runs[1], node="n2").delete()
    return Run.objects.get(pk=runs[0].pk)


def test_a_run_that_comes_out_the_same_says_so(cast: Cast, sign_in: SignIn, run: Run) -> None:
    text = sign_in(cast.owner).get(f"/runs/{run.pk}/replay/").content.decode()
    assert "It comes out the same" in text
    assert "3 recorded results were used." in text


def test_what_differs_is_told_with_then_and_now(cast: Cast, sign_in: SignIn, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(result={"at": "long ago"})
    page = sign_in(cast.auditor).get(f"/runs/{run.pk}/replay/")
    text = page.content.decode()
    assert "1 difference" in text
    assert "the run ends otherwise" in text
    assert "long ago" in text


def test_a_rerun_stands_beside_it_step_by_step(cast: Cast, sign_in: SignIn, run: Run) -> None:
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/replay/")
    rows = [(pair.key, pair.same, [str(one) for one in changed]) for pair, changed in page.context["rows"]]
    assert rows == [("n0/1", True, []), ("n1/1", False, ["output", "model"]), ("n2/1", False, [])]
    text = page.content.decode()
    assert ("only this run made it" in text, "elsewhere" in text) == (True, True)
    assert text.count("<summary>What came out</summary>") == 2  # folded: a step that reads many others repeats them all
    assert f'href="/runs/{run.pk}/replay/"' in sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()


def test_the_rerun_s_page_leads_back_to_the_first(cast: Cast, sign_in: SignIn, run: Run) -> None:
    again = run.reruns.get()
    assert sign_in(cast.owner).get(f"/runs/{again.pk}/replay/?with=nonsense").context["other"] == run


def test_what_was_not_ours_to_carry_out_is_said_plainly(cast: Cast, sign_in: SignIn) -> None:
    reported = a_run(cast.agent, RunState.DONE, source="hook:n8n")
    text = sign_in(cast.owner).get(f"/runs/{reported.pk}/replay/").content.decode()
    assert "Another system carried this run out" in text
    assert "/replay/" not in sign_in(cast.owner).get(f"/runs/{reported.pk}/").content.decode()


def test_a_machine_walks_and_compares(cast: Cast, machine: MakeMachine, run: Run) -> None:
    reader, again = machine("auditor", "read"), run.reruns.get()
    assert reader.get(f"/runs/{run.pk}/replay") == (
        200,
        {"same": True, "steps": 3, "stopped_at": "", "differences": []},
    )
    status, pairs = reader.get(f"/runs/{run.pk}/compare/{again.pk}")
    assert (status, pairs[1:]) == (
        200,
        [
            {"key": "n1/1", "node": "n1", "changed": ["output", "model"], "only": None},
            {"key": "n2/1", "node": "n2", "changed": [], "only": "before"},
        ],
    )
    assert machine("rival").get(f"/runs/{run.pk}/compare/{again.pk}")[0] == 404

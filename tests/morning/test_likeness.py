"""Runs about the same thing: known by their rare identifiers, and compared by what they changed."""

import pytest

from agents.runs.actions import assess_runs
from agents.runs.models import Assessment, Run, Step
from agents.runs.suspicion.likeness import Case
from agents.runs.suspicion.trace import Act, Trace
from tests.cast import Cast
from tests.morning.stage import ago, ran

ORDER = "HAT136 of anna_li_3668"


def case(*acts: Act, asked: str = ORDER, state: str = "done") -> Case | None:
    return Case.of(Trace(asked=asked, state=state, acts=acts))


def change(given: str, node: str = "cancel_order", state: str = "confirmed") -> Act:
    return Act(node, "tool", effect="write", state=state, given=given)


def worked(cast: Cast, order: str, amount: int) -> Run:
    """A run that refunded something for an order."""
    run = ran(cast.agent, ago(hours=1), result="Done", input={"text": f"Refund order {order}"})
    given = {"order": order, "amount": amount}
    Step.objects.create(run=run, key="s1", seq=1, node="refund", kind="tool", effect="write", input=given)
    return run


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (change('{"amount": 255}'), change('{"amount": 255.0}'), True),
        (change('{"amount": 255}'), change('{"amount": 305}'), False),
        (change("{}"), change("{}", node="refund"), False),
        (change("{}", state="failed"), Act("think", "tool"), True),
        (change("{}", node="transfer_to_human_agents"), Act("think", "tool"), True),
    ],
    ids=["written otherwise", "another amount", "another deed", "came to nothing", "a handoff changes nothing"],
)
def test_what_a_run_changed_is_its_deeds_with_their_figures(one: Act, other: Act, same: bool) -> None:
    first, second = case(one), case(other)
    assert first
    assert second
    assert (first.changes == second.changes) is same


def test_a_run_that_may_still_change_something_or_is_about_nothing_is_not_compared() -> None:
    assert case(state="waiting") is None
    assert case(asked="Hello") is None
    assert case(Act("transfer_to_human_agents", "tool"), state="waiting")


def test_only_hashes_are_kept() -> None:
    found = case(change('{"card": "7447"}'))
    assert found
    assert not any(secret in str(found.stored) for secret in ("HAT136", "3668", "7447"))


def test_who_does_the_same_work_otherwise_was_wrong_once(cast: Cast) -> None:
    first = worked(cast, "HAT136", 100)
    other = worked(cast, "HAT200", 55)
    assess_runs()
    again, otherwise = worked(cast, "HAT136", 100), worked(cast, "HAT136", 999)
    assess_runs()
    found = {each.run_id: each.signals.get("differing") for each in Assessment.objects.all()}
    assert found == {first.pk: None, other.pk: None, again.pk: 0.5, otherwise.pk: 1}

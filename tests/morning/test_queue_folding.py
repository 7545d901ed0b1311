"""What is asked seven times is one row, one decision, seven events."""

from typing import Any

import pytest

from agents.base.errors import Conflict
from agents.fleet.actions import require_second_person
from agents.runs.actions import claim_item, raise_exception, snooze_item
from agents.runs.actions.folding import decide_alike, undo_alike
from agents.runs.enums import DecisionKind, DecisionState, ExceptionKind, ItemState, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Decision, ReviewItem, Run, RunException
from agents.runs.queries import queue
from agents.runs.queries.alike import alike
from agents.runs.queries.everything import counted as everywhere
from agents.runs.queries.undoable import undoable
from agents.runs.queries.worst import EVERYTHING
from audit.models import AuditEvent
from tests.cast import Cast
from tests.morning.stage import ago
from tests.runs.toys import item_of, started

PROPOSAL = {"tool": "correct", "price": "EUR 49"}


def quoting(cast: Cast, times: int, **input: Any) -> list[ReviewItem]:
    """So many runs that ask the same."""
    items = []
    for _each in range(times):
        run = started(cast.agent, "asking", {"text": "hi", "reason": "approval", "proposal": PROPOSAL, **input})
        drive(run.pk)
        items.append(item_of(run))
    return items


def rows(cast: Cast) -> list[tuple[Any, int]]:
    return [(item.pk, item.folded) for group in queue(cast.owner, cast.team).groups for item in group.items]


def decide_all(cast: Cast, first: ReviewItem, *also: ReviewItem, **more: Any) -> Any:
    assert first.exception
    given = {"kind": DecisionKind.APPROVE, "proposal_sha256": first.exception.proposal_sha256, "idempotency_key": "k"}
    return decide_alike(first, also, actor=cast.owner, **given, **more)


def test_seven_of_one_kind_are_one_row(cast: Cast) -> None:
    items = quoting(cast, 7)
    assert rows(cast) == [(items[0].pk, 6)]


def test_what_is_folded_is_counted_as_beside_the_page_s_name(cast: Cast) -> None:
    quoting(cast, 3)
    shown = queue(cast.owner, cast.team)
    assert (len(rows(cast)), shown.total, shown.listed) == (1, 3, 3)
    assert everywhere(cast.owner, cast.team, "", EVERYTHING) == "3"


def test_what_differs_stands_by_itself(cast: Cast) -> None:
    first, other = quoting(cast, 1)[0], quoting(cast, 1, proposal={**PROPOSAL, "price": "EUR 59"})[0]
    assert sorted(rows(cast)) == sorted([(first.pk, 0), (other.pk, 0)])


def test_one_decision_settles_all_and_each_has_its_event(cast: Cast) -> None:
    first, *others = quoting(cast, 3)
    together = decide_all(cast, first, *others)
    assert (len(together.made), together.left) == (3, [])
    assert AuditEvent.objects.filter(verb="decision.made").count() == 3
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.QUEUED}
    assert rows(cast) == []


def test_what_was_unticked_stays(cast: Cast) -> None:
    first, second, third = quoting(cast, 3)
    decide_all(cast, first, second)
    assert rows(cast) == [(third.pk, 0)]


def test_what_asks_something_else_is_never_decided_along(cast: Cast) -> None:
    first = quoting(cast, 1)[0]
    other = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    decide_all(cast, first, other.item)
    other.refresh_from_db()
    assert other.state == "open"


def test_what_somebody_else_is_on_is_not_in_the_fold(cast: Cast) -> None:
    first, taken, later = quoting(cast, 3)
    claim_item(taken, actor=cast.second)
    snooze_item(later, actor=cast.owner, until=ago(hours=-1))
    assert first.exception
    assert list(alike(first.exception)) == []
    assert len(decide_all(cast, first, taken, later).made) == 1


def test_the_first_that_was_put_off_leaves_the_row_to_the_next(cast: Cast) -> None:
    first, second, _third = quoting(cast, 3)
    snooze_item(first, actor=cast.owner, until=ago(hours=-1))
    assert dict(rows(cast)) == {first.pk: 0, second.pk: 1}


def test_decided_together_is_undone_together(cast: Cast) -> None:
    first, *others = quoting(cast, 3)
    made = decide_all(cast, first, *others, grace_s=60).made
    [press] = undoable(cast.owner, cast.team)
    assert press.times == 3
    assert len(undo_alike(Decision.objects.get(pk=press.pk), actor=cast.owner)) == 3
    assert set(Decision.objects.values_list("state", flat=True)) == {DecisionState.UNDONE}
    assert set(ReviewItem.objects.values_list("state", flat=True)) == {ItemState.OPEN}
    assert RunException.objects.filter(state="open").count() == 3
    assert undoable(cast.owner, cast.team) == []
    assert len(made) == 3


def test_held_together_for_a_second_person_is_taken_back_together(cast: Cast) -> None:
    require_second_person(cast.agent, above_micros=1_000_000, actor=cast.owner)
    first, *others = quoting(cast, 3, proposal={"tool": "refund", "amount_micros": 2_000_000, "currency": "USD"})
    [press, *_rest] = made = decide_all(cast, first, *others).made
    assert {each.state for each in made} == {DecisionState.HELD}
    assert len(undo_alike(press, actor=cast.owner)) == 3
    assert set(ReviewItem.objects.values_list("state", flat=True)) == {ItemState.OPEN}


def test_the_first_refused_decides_none(cast: Cast) -> None:
    first, second = quoting(cast, 2)
    with pytest.raises(Conflict):
        decide_alike(
            first, [second], actor=cast.owner, kind=DecisionKind.APPROVE, proposal_sha256="", idempotency_key="k"
        )
    assert not Decision.objects.exists()

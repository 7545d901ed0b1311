"""The same exception again is known by its fingerprint."""

import pytest

from agents.fleet.models import Agent
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind
from agents.runs.fingerprints import fingerprint
from agents.runs.models import Run, RunException
from tests.cast import Cast

K = ExceptionKind


def made(title: str = "Order 17 failed", *, detail: str = "HTTP 500", **given: object) -> RunException:
    agent = Agent(slug="a", name="A", vendor="ours")
    return RunException(agent=agent, title=title, detail=detail, **{"kind": K.FAILURE, "cause": "failed"} | given)


@pytest.mark.parametrize(
    "again",
    [
        made("Order 18 failed"),
        made("order  17 FAILED", detail="http 503"),
        made("Order 0198f2aa-1111-7222-8333-444455556666 failed"),
    ],
    ids=["another-number", "case-and-spaces", "an-id"],
)
def test_names_and_numbers_make_no_difference(again: RunException) -> None:
    assert fingerprint(again) == fingerprint(made())


@pytest.mark.parametrize(
    "other",
    [
        made("Order 17 was refused"),
        made(detail="timed out"),
        made(kind=K.QUESTION),
        made(cause="vendor"),
        made(schema={"type": "string"}),
        made(proposal_sha256="ab"),
        made(run=Run(source="agentforce")),
    ],
    ids=["words", "error", "kind", "cause", "schema", "proposal", "source"],
)
def test_what_differs_is_not_folded(other: RunException) -> None:
    assert fingerprint(other) != fingerprint(made())


def test_the_name_of_the_run_makes_no_difference() -> None:
    first, again = (made(f"{name} failed", run=Run(title=name)) for name in ("Maria’s refund", "Bo’s invoice"))
    assert fingerprint(first) == fingerprint(again)


def test_two_runs_that_are_named_after_what_they_ask_are_not_the_same_question() -> None:
    seat, badge = (made(asked, run=Run(title=asked)) for asked in ("May I promise a seat?", "May I give a badge?"))
    assert fingerprint(seat) != fingerprint(badge)


@pytest.mark.django_db
def test_an_exception_is_raised_with_its_fingerprint(cast: Cast) -> None:
    raised = raise_exception(cast.agent, kind=K.SILENCE, title="It is silent")
    assert raised.fingerprint == fingerprint(raised)

"""Whoever closes what went wrong says what was behind it."""

from typing import Any

import pytest
from django.test import Client

from agents.base.errors import Invalid
from agents.runs.actions import decide, raise_exception, undo_decision
from agents.runs.causes import guess
from agents.runs.enums import DecisionKind, ExceptionKind, RootCause
from agents.runs.models import RunException
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in"]
K = DecisionKind
pytestmark = pytest.mark.django_db


def failed(cast: Cast, kind: ExceptionKind = ExceptionKind.FAILURE) -> RunException:
    return raise_exception(cast.agent, kind=kind, title="It failed")


def closed(exception: RunException, cast: Cast, root_cause: str = "", **more: Any) -> RunException:
    told = {"kind": K.IGNORE, "root_cause": root_cause, "idempotency_key": "k", **more}
    decide(exception.item, actor=cast.owner, **told)
    exception.refresh_from_db()
    return exception


@pytest.mark.parametrize("cause", ["", "bad luck"])
def test_without_a_cause_it_stays_open(cast: Cast, cause: str) -> None:
    exception = failed(cast)
    with pytest.raises(Invalid) as refused:
        closed(exception, cast, cause)
    assert list(refused.value.fields) == ["root_cause"]
    exception.refresh_from_db()
    assert (exception.state, exception.root_cause) == ("open", "")


def test_the_cause_and_the_note_stay_with_it(cast: Cast) -> None:
    exception = closed(failed(cast), cast, "vendor", note=" Their API was down ")
    assert (exception.root_cause, exception.root_cause_note) == ("vendor", "Their API was down")


def test_something_else_is_told_in_words(cast: Cast) -> None:
    exception = failed(cast)
    with pytest.raises(Invalid) as refused:
        closed(exception, cast, "other")
    assert list(refused.value.fields) == ["note"]
    assert closed(exception, cast, "other", note="A solar storm").root_cause == RootCause.OTHER


def test_a_question_has_no_cause_and_needs_none(cast: Cast) -> None:
    assert closed(failed(cast, ExceptionKind.QUESTION), cast).root_cause == ""


def test_what_is_undone_has_no_cause_any_more(cast: Cast) -> None:
    exception = closed(failed(cast), cast, "tool", grace_s=3600)
    undo_decision(exception.item.decisions.get(), actor=cast.owner)
    exception.refresh_from_db()
    assert (exception.state, exception.root_cause) == ("open", "")


@pytest.mark.parametrize(("last", "first"), [("", "tool"), ("data", "data"), ("other", "tool")])
def test_the_first_guess_is_what_it_was_last_time(last: str, first: str) -> None:
    assert guess(RunException(kind=ExceptionKind.FAILURE), last) == first


def test_the_form_asks_and_the_inbox_counts(cast: Cast, sign_in: SignIn) -> None:
    client, exception = sign_in(cast.owner), failed(cast)
    asked = _page(client, f"/exceptions/{exception.pk}/")
    assert '<option value="tool" selected>' in asked
    closed(exception, cast, "data")
    closed(failed(cast), cast, "data")
    closed(failed(cast), cast, "rule")
    counted = client.get("/exceptions/?state=resolved").context["causes"]
    assert [(figure.label, figure.count) for figure in counted] == [
        (RootCause.DATA.label, 2),
        (RootCause.RULE.label, 1),
    ]
    assert len(client.get(counted[0].url).context["rows"]) == 2


def _page(client: Client, path: str) -> str:
    return client.get(path).content.decode()

"""The same request with the same Idempotency-Key has one effect and one answer, whoever comes first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from agents.base.models import IdempotentReply
from agents.base.tasks import forget
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind
from agents.runs.models import Decision, Run
from tests.api.conftest import Machine, MakeMachine
from tests.cast import Cast, make_cast

RUNS, TICKET = "/agents/refund-agent/runs", {"text": "Where is it?"}


def _equip(cast: Cast) -> None:
    flow = Flow.objects.create(team=cast.team, slug="triage", name="Triage", pattern="sequential")
    version = FlowVersion.objects.create(flow=flow, number=1, graph={})
    Assignment.objects.create(agent=cast.agent, flow_version=version, run_cap_micros=1, day_cap_micros=1)


@pytest.fixture
def owner(machine: MakeMachine, cast: Cast) -> Machine:
    _equip(cast)
    return machine("owner")


def _raw(caller: Machine, path: str, body: str, key: str) -> tuple[int, bytes]:
    response = caller.client.post(
        f"/api/v1{path}", body, content_type="application/json", headers={"Idempotency-Key": key}
    )
    return response.status_code, response.content


def test_the_second_answer_is_the_first_byte_for_byte(owner: Machine) -> None:
    first, second = (_raw(owner, RUNS, '{"text": "Where?", "customer": "Zoë"}', "k1") for _ in range(2))
    assert first == second
    assert first[0] == 201
    assert Run.objects.count() == 1


def test_another_key_is_another_effect(owner: Machine) -> None:
    first, second = (_raw(owner, RUNS, '{"text": "Where?"}', key) for key in ("k1", "k2"))
    assert first != second
    assert Run.objects.count() == 2


@pytest.mark.parametrize(("path", "body"), [(RUNS, {"text": "Why?"}), (f"{RUNS}:batch", {"items": [TICKET]})])
def test_a_key_that_was_used_for_another_request_is_refused(owner: Machine, path: str, body: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "k1"}
    owner.post(RUNS, TICKET, **key)
    status, problem = owner.post(path, body, **key)
    assert (status, problem["code"]) == (409, "idempotency_key_reused")
    assert Run.objects.count() == 1


def test_keys_of_two_tokens_are_two_keys(owner: Machine, machine: MakeMachine) -> None:
    first, second = (_raw(caller, RUNS, '{"text": "Where?"}', "k1") for caller in (owner, machine("second")))
    assert (first[0], second[0]) == (201, 201)
    assert Run.objects.count() == 2


def test_a_refusal_is_forgotten_so_that_it_can_be_corrected(owner: Machine) -> None:
    key = {"Idempotency-Key": "k1"}
    assert owner.post("/agents/refund-agent/pause", {"reason": " "}, **key)[0] == 422
    assert owner.post("/agents/refund-agent/pause", {"reason": "Too many refunds"}, **key)[0] == 200


@pytest.mark.parametrize("key", ["", "k" * 201, "a\tb", "clé"])
def test_a_key_is_short_and_printable(owner: Machine, key: str) -> None:
    status, problem = owner.post(RUNS, TICKET, **{"Idempotency-Key": key})
    assert (status, problem["code"]) == (422, "idempotency_key")
    assert not Run.objects.exists()


def _together(times: int, act: Callable[[], Any]) -> list[Any]:
    """What `times` threads got that acted at the same moment."""
    barrier = Barrier(times)

    def one(_: int) -> Any:
        barrier.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_start_one_run_and_get_one_answer() -> None:
    cast = make_cast()
    _equip(cast)
    caller = Machine(cast.team, cast.owner, ["runs:write"])
    answers = _together(8, lambda: _raw(caller, RUNS, '{"text": "Where?"}', "k1"))
    assert {status for status, _ in answers} == {201}
    assert len({body for _, body in answers}) == 1
    assert (Run.objects.count(), IdempotentReply.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_decisions_at_once_are_one_and_the_others_hear_who_was_faster() -> None:
    cast = make_cast()
    item = raise_exception(cast.agent, kind=ExceptionKind.QUESTION, title="How much?").item
    callers = [Machine(cast.team, user, ["review"]) for user in (cast.owner, cast.second)]
    turns = iter(callers * 4)
    body = {"kind": "respond", "note": "Two"}
    answers = _together(8, lambda: next(turns).post(f"/review-items/{item.pk}/decisions", body))
    assert sorted(status for status, _ in answers) == [201] + [409] * 7
    assert {problem["code"] for status, problem in answers if status == 409} == {"already_decided"}
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_owners_removed_at_once_leave_two() -> None:
    cast = make_cast()
    callers = [Machine(cast.team, user, ["configure"]) for user in (cast.chief, cast.owner, cast.administrator)]
    turns = iter(zip(callers, ("dev", "bo", "amelia"), strict=True))

    def remove() -> int:
        caller, name = next(turns)
        return caller.call("DELETE", f"/agents/refund-agent/owners/{name}@northwind.example")[0]

    assert sorted(_together(3, remove)) == [200, 422, 422]
    counted = Agent.objects.get(pk=cast.agent.pk).owners.exclude(role="trainee")
    assert counted.count() == 2


@pytest.mark.django_db
def test_an_answer_is_kept_for_two_days() -> None:
    for hours in (47, 49):
        at = timezone.now() - timedelta(hours=hours)
        IdempotentReply.objects.create(scope="t", key=str(hours), request_sha256="", status=200, body="", at=at)
    forget()
    assert list(IdempotentReply.objects.values_list("key", flat=True)) == ["47"]

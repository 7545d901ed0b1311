"""The page that says what a run would come to today, and the same over the wire."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.base.money import format_money
from agents.runs import actions
from agents.runs.execution.drive import drive
from agents.runs.models import Run, WhatIf
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.runs import toys
from tests.runs.toys import started

__all__ = ["machine"]


@pytest.fixture
def run(cast: Cast) -> Run:
    """A run of a look-up, a write and another look-up that is done."""
    toys.CALLS.clear()
    run = started(cast.agent, "effect")
    drive(run.pk)
    return Run.objects.get(pk=run.pk)


def walked(run: Run) -> WhatIf:
    asked = run.what_ifs.get(finished_at=None)
    actions.carry_out_what_if(asked.pk)
    return WhatIf.objects.get(pk=asked.pk)


def test_a_person_asks_sees_that_it_goes_on_and_then_what_it_came_to(cast: Cast, sign_in: SignIn, run: Run) -> None:
    client, address = sign_in(cast.owner), f"/runs/{run.pk}/what-if/"
    assert f'href="{address}"' in client.get(f"/runs/{run.pk}/").content.decode()
    before = client.get(address).content.decode()
    assert "Nobody has asked this of the run yet." in before
    assert f"It may cost up to {format_money(cast.agent.assignment.run_cap_micros, 'USD')}." in before
    assert client.post(address).status_code == 302
    assert "It waits for a worker." in client.get(address, headers={"HX-Request": "true"}).content.decode()
    made = sum(toys.CALLS.values())
    walked(run)
    after = client.get(address)
    text = after.content.decode()
    assert ("It would come to its end" in text, after.context["alike"]) == (True, 3)
    assert sum(toys.CALLS.values()) == made  # the write stands as it was recorded, and so does what was looked up


def test_who_may_only_read_finds_no_button_and_a_refusal_is_said_on_the_page(
    cast: Cast, sign_in: SignIn, run: Run
) -> None:
    address = f"/runs/{run.pk}/what-if/"
    assert "It may cost up to" not in sign_in(cast.auditor).get(address).content.decode()
    actions.set_day_cap(cast.agent, cap_micros=1, actor=cast.owner)
    refused = sign_in(cast.owner).post(address)
    assert (refused.status_code, 'role="alert"' in refused.content.decode()) == (422, True)


def test_a_machine_asks_and_reads(cast: Cast, machine: MakeMachine, run: Run) -> None:
    caller, path = machine("owner"), f"/runs/{run.pk}/what-ifs"
    status, asked = caller.post(path)
    assert (status, asked["state"], asked["steps"]) == (202, "queued", [])
    walked(run)
    status, found = caller.get(path)
    assert (status, [one["id"] for one in found]) == (200, [asked["id"]])
    assert found[0]["outcome"] == {"state": "done", "result": run.result}
    assert [(step["key"], step["changed"]) for step in found[0]["steps"]] == [
        ("before/1", []),
        ("send/1", []),
        ("after/1", []),
    ]
    assert machine("rival").get(path)[0] == 404


def test_the_last_ten_are_read_whole_and_no_more(cast: Cast, machine: MakeMachine, sign_in: SignIn, run: Run) -> None:
    at, over = timezone.now(), {"run": run, "state": "done"}
    times = [at + timedelta(seconds=n) for n in range(12)]
    WhatIf.objects.bulk_create(
        WhatIf(most_micros=n, created_at=time, finished_at=time, **over) for n, time in enumerate(times)
    )
    asked = machine("owner").get(f"/runs/{run.pk}/what-ifs")[1]
    assert [each["most_micros"] for each in asked] == list(range(11, 1, -1))
    assert len(sign_in(cast.owner).get(f"/runs/{run.pk}/what-if/").context["found"]) == 10

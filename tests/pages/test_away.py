"""The page of days away, and what other pages say of them."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.people.actions import declare_absence
from agents.people.models import Absence
from agents.runs.actions import decide, raise_exception, sweep
from agents.runs.enums import ExceptionKind
from tests.api.conftest import Machine
from tests.cast import Cast
from tests.pages.conftest import SignIn


def day(ahead: int) -> dt.date:
    return timezone.now().date() + dt.timedelta(days=ahead)


def days(first: int, last: int) -> dict[str, str]:
    return {"first": day(first).isoformat(), "last": day(last).isoformat()}


def test_days_are_declared_seen_and_taken_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert "Nobody is away" in client.get("/owners/away/").content.decode()
    page = client.post("/owners/away/declare/", days(-1, 5), follow=True).content.decode()
    absence = Absence.objects.get(user=cast.owner)
    assert f'id="absence-{absence.pk}"' in page
    assert "everything is covered" in page
    assert "You are away until" in client.get("/").content.decode()
    assert "Amelia is away until" in sign_in(cast.second).get("/").content.decode()
    assert "away until" in sign_in(cast.chief).get("/owners/").content.decode()
    client.post(f"/owners/away/{absence.pk}/end/")
    assert "away until" not in client.get("/").content.decode()


def test_what_was_typed_stays_when_the_days_cannot_be(cast: Cast, sign_in: SignIn) -> None:
    response = sign_in(cast.owner).post("/owners/away/declare/", days(5, 3))
    assert response.status_code == 422
    page = response.content.decode()
    assert "The last day is before the first." in page
    assert f'value="{day(5).isoformat()}"' in page


def test_whoever_leads_declares_for_others_and_is_warned_where_nobody_is_left(cast: Cast, sign_in: SignIn) -> None:
    for user in (cast.second, cast.backup):
        declare_absence(user, first=day(1), last=day(3), actor=user)
    client = sign_in(cast.administrator)
    sent = days(2, 9) | {"user": str(cast.owner.pk)}
    page = client.post("/owners/away/declare/", sent, follow=True).content.decode()
    assert "Nobody answers for these meanwhile: refund agent." in page
    assert "declared by" in page
    assert 'name="user"' not in sign_in(cast.second).get("/owners/away/").content.decode()
    assert sign_in(cast.second).post(f"/owners/away/{Absence.objects.latest('pk').pk}/end/").status_code == 403


def test_an_exception_says_for_whom_somebody_has_it(cast: Cast, sign_in: SignIn) -> None:
    asked = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    declare_absence(cast.owner, first=day(-1), last=day(3), actor=cast.owner)
    sweep()
    client = sign_in(cast.second)
    assert (
        "Amelia is away; what is still open goes back afterwards."
        in client.get(f"/exceptions/{asked.pk}/").content.decode()
    )
    assert "for Amelia, who is away" in client.get(f"/queue/{asked.item.pk}/").content.decode()


def test_back_again_one_is_led_to_what_others_decided(cast: Cast, sign_in: SignIn) -> None:
    asked = raise_exception(cast.agent, kind=ExceptionKind.QUESTION, title="How much?")
    declare_absence(cast.owner, first=day(-1), last=day(3), actor=cast.owner)
    decide(asked.item, actor=cast.second, kind="respond", note="Two", idempotency_key="k")
    Absence.objects.update(until=timezone.now())
    assert "While you were away, others decided about your agents." in sign_in(cast.owner).get("/").content.decode()


@pytest.fixture
def machine(cast: Cast) -> Machine:
    return Machine(cast.team, cast.administrator, ["read", "configure"])


def test_the_same_over_the_wire(cast: Cast, machine: Machine) -> None:
    status, made = machine.post("/absences", days(-1, 2) | {"email": cast.owner.email})
    assert (status, made["email"], made["left_alone"]) == (201, cast.owner.email, [])
    assert [each["id"] for each in machine.get("/absences")[1]] == [made["id"]]
    status, problem = machine.post("/absences", days(0, 1) | {"email": cast.owner.email})
    assert (status, list(problem["fields"])) == (422, ["first"])
    assert machine.post("/absences", days(0, 1) | {"email": "nobody@northwind.example"})[0] == 422
    assert machine.post(f"/absences/{made['id']}/end")[0] == 200
    assert machine.get("/absences")[1] == []

"""Taking over: what is held about the customer is there, and what is asked for begins with it."""

from typing import Any

from django.utils import timezone

from agents.base.contacts import contact_key
from agents.channels.enums import Verdict
from agents.channels.models import Contact, Touch
from agents.runs.enums import RunState
from agents.runs.models import Run
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run

ORDER = {"type": "object", "required": ["order"], "properties": {"order": {"type": "string", "maxLength": 20}}}
WHO: dict[str, Any] = {
    "text": "Where is it?",
    "order": "88213",
    "contact": {"email": "kim@example.com", "name": HOSTILE},
}


def about(cast: Cast, email: str, title: str) -> Run:
    """A run that is known to be about somebody."""
    run = a_run(cast.agent, title=title, input={"contact": {"email": email}})
    contact, _new = Contact.objects.get_or_create(team=cast.team, key=contact_key(cast.team.pk, email))
    Touch.objects.create(contact=contact, agent=cast.agent, run=run, at=timezone.now(), verdict=Verdict.NO_RULE)
    return run


def test_held_fields_are_shown_and_prefilled(cast: Cast, sign_in: SignIn) -> None:
    asked = a_question(cast.agent, a_run(cast.agent, RunState.WAITING, input=WHO), schema=ORDER)
    page = sign_in(cast.owner).get(f"/queue/{asked.item.pk}/").content.decode()
    assert 'value="88213"' in page
    assert "kim@example.com" in page
    assert "<script>alert" not in page


def test_earlier_runs_about_the_same_person_are_listed_and_no_others(cast: Cast, sign_in: SignIn) -> None:
    same, other = about(cast, "kim@example.com", "Parcel late"), about(cast, "lee@example.com", "Somebody else")
    asked = a_question(cast.agent, a_run(cast.agent, RunState.WAITING, input=WHO), schema={})
    page = sign_in(cast.owner).get(f"/queue/{asked.item.pk}/").content.decode()
    assert f"/runs/{same.pk}/" in page
    assert f"/runs/{other.pk}/" not in page

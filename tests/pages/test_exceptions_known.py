"""Taking over: what is held about the customer is there, and what is asked for begins with it."""

from typing import Any

from django.utils import timezone

from agents.base.contacts import contact_key
from agents.channels.enums import Verdict
from agents.channels.models import Contact, Touch
from agents.fleet.models import Agent
from agents.runs.enums import RunState
from agents.runs.models import Output, Run, Step
from agents.runs.queries.messages import messages
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


def test_whoever_takes_over_reads_what_was_said_by_whom(cast: Cast, sign_in: SignIn) -> None:
    """A conversation of another vendor, whatever way its agent tells it; each message once."""
    run = a_run(cast.agent, RunState.WAITING, source="vendor", input={"text": "Where is it?"})
    run.steps.all().delete()
    told = [
        ("customer", "message", None, "Where is it?"),
        ("assistant", "role", None, "With the courier."),
        ("turn", "message", {"text": f"Since when? {HOSTILE}"}, {"text": "Since Monday."}),
        ("look up", "tool", {"order": 1}, "A table nobody said."),
    ]
    Step.objects.bulk_create(
        Step(run=run, key=f"{n}/1", seq=n, node=node, kind=kind, input=given, output=output)
        for n, (node, kind, given, output) in enumerate(told, start=1)
    )
    Output.objects.create(run=run, kind="message", content="Since Monday.")
    said = messages(run, Agent.objects.all())
    assert [(one.agent, one.text[:18]) for one in said] == [
        ("", "Where is it?"),
        (cast.agent.name, "With the courier."),
        ("", "Since when? <img s"),
        (cast.agent.name, "Since Monday."),
    ]
    page = sign_in(cast.owner).get(f"/exceptions/{a_question(cast.agent, run).pk}/").content.decode()
    assert "4 messages" in page
    assert "With the courier." in page
    assert "<script>alert" not in page


def test_of_our_own_agents_drafts_are_no_messages(cast: Cast) -> None:
    run = a_run(cast.agent, input={"text": "Where is it?"})
    Output.objects.create(run=run, kind="reply", content="With the courier.")
    assert [one.text for one in messages(run, Agent.objects.all())] == ["Where is it?", "With the courier."]

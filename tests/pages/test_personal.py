"""Personal data by role: on pages, in exports and over the wire, and having them shown for a reason."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet import verbs
from agents.fleet.enums import OwnerRole
from agents.fleet.models import AgentOwner, Instruction, Question
from agents.fleet.permissions import sync_team
from agents.people.actions import create_token
from agents.people.enums import TeamRole, TokenScope
from agents.people.models import Membership, User
from agents.runs.enums import RootCause, RunState
from agents.runs.models import (
    Bypass,
    Decision,
    Flaw,
    Incident,
    IncidentNote,
    ItemNote,
    Memory,
    Output,
    Run,
    RunException,
)
from audit.actions import record
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question

pytestmark = pytest.mark.django_db
KIM = "kim@lee.example"
WHY = {"reason": "A complaint about this run"}


@pytest.fixture
def about(cast: Cast) -> str:
    """The page of a run in which a customer's address and home stand; the trail speaks of the address, too."""
    given = {"text": f"I am {KIM}", "record": {"address": {"zip": "15001"}}, "seen_by": cast.owner.email}
    run = Run.objects.create(agent=cast.agent, input=given, title=f"Mail of {KIM}")
    Output.objects.create(run=run, step_key="publish/1", kind="reply", content=f"Written to {KIM}", pass_record={})
    record(verbs.AGENT_EDITED, actor=cast.owner.actor, team_id=cast.team.pk, agent_id=cast.agent.pk, said=KIM)
    return f"/runs/{run.pk}/"


def shown(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def test_whose_work_is_with_customers_sees_them_and_everybody_else_sees_them_masked(
    cast: Cast, sign_in: SignIn, about: str
) -> None:
    for who, sees in (("owner", True), ("chief", True), ("auditor", False), ("engineer", False), ("leadership", False)):
        text = shown(sign_in(getattr(cast, who)), about)
        assert (who, KIM in text, "15001" in text) == (who, sees, sees)
        assert (who, cast.owner.email in text) == (who, True)
        assert ("Personal data are masked" in text, sees) in ((True, False), (False, True))


def test_no_page_of_those_who_read_along_names_a_customer(cast: Cast, sign_in: SignIn, about: str) -> None:
    asked = a_question(cast.agent, title=f"{KIM} asks", detail=f"Write to {KIM}", proposal={"to": KIM})
    until = timezone.now() + dt.timedelta(days=9)
    Memory.objects.create(agent=cast.agent, about="a" * 64, text=KIM, step_key="publish/1", until=until)
    pages = ["/", "/runs/", "/exceptions/", f"/exceptions/{asked.pk}/", "/audit/", "/agents/refund-agent/memory/"]
    pages += ["/agents/refund-agent/", "/agents/refund-agent/one-on-one/", "/queue/", "/queue/export/", about]
    for who in ("auditor", "operations"):
        client = sign_in(getattr(cast, who))
        told = {page: client.get(page).content.decode() for page in pages}
        assert [page for page, text in told.items() if KIM in text] == []
    owner = sign_in(cast.owner)
    assert KIM in owner.get(f"/exceptions/{asked.pk}/").content.decode()


def test_what_colleagues_wrote_of_a_customer_is_masked_as_the_customer_s_own_words_are(
    cast: Cast, sign_in: SignIn, about: str
) -> None:
    reads_along, day = cast.operations, timezone.now()
    AgentOwner.objects.create(agent=cast.agent, user=reads_along, role=OwnerRole.BACKUP)
    sync_team(cast.team.pk)
    asked, run = a_question(cast.agent, title="Asks"), Run.objects.get()
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=day)
    ItemNote.objects.create(item=asked.item, author=cast.owner, text=KIM)
    Decision.objects.create(item=asked.item, actor=cast.owner, kind="escalate", note=KIM, idempotency_key="k")
    people = {"commander": cast.owner, "opened_by": cast.owner, "opened_at": day}
    told = {
        "title": KIM,
        "resolution": KIM,
        "lessons": KIM,
        "resolved_at": day,
        "state": "resolved",
        "root_cause": RootCause.values[0],
    }
    incident = Incident.objects.create(team=cast.team, number=1, **people, **told)
    RunException.objects.filter(pk=asked.pk).update(incident=incident)
    IncidentNote.objects.create(incident=incident, author=cast.owner, text=KIM)
    Instruction.objects.create(agent=cast.agent, number=1, feedback=KIM, text=KIM, created_by=cast.owner)
    Question.objects.create(agent=cast.agent, user=cast.owner, key=uuid7(), text=KIM, problem=KIM, answered_at=day)
    Flaw.objects.create(agent=cast.agent, run=run, found_by="person", person=cast.owner, note=KIM)
    Bypass.objects.create(agent=cast.agent, reason=KIM, opened_by=cast.owner, until=day + dt.timedelta(hours=1))
    client, there = sign_in(reads_along), f"/exceptions/incidents/{incident.pk}/"
    pages = [there, f"{there}post-mortem/", f"/exceptions/{asked.pk}/", f"/queue/{asked.item.pk}/", about]
    pages += [f"{about}what-if/", f"{about}replay/", "/exceptions/incidents/", "/exceptions/bypasses/", "/exceptions/"]
    pages += ["/agents/refund-agent/one-on-one/", "/agents/refund-agent/", "/", "/queue/"]
    found = {page: client.get(page) for page in pages}
    assert {answer.status_code for answer in found.values()} == {200}
    assert [page for page, answer in found.items() if KIM in answer.content.decode()] == []
    owner = sign_in(cast.owner)
    assert [page for page in pages[:5] if KIM not in owner.get(page).content.decode()] == []


def test_who_gives_a_reason_is_shown_that_page_and_no_other_and_the_trail_keeps_it(
    cast: Cast, sign_in: SignIn, about: str
) -> None:
    auditor = sign_in(cast.auditor)
    assert 'id="reveal-personal"' in shown(auditor, about)
    assert auditor.post("/personal/reveal/", {"path": about, "reason": " "}).status_code == 422
    assert auditor.post("/personal/reveal/", WHY | {"path": "//evil.example/"}).status_code == 404
    assert auditor.post("/personal/reveal/", WHY | {"path": about})["Location"] == about
    assert KIM in shown(auditor, about)
    assert KIM not in shown(auditor, "/runs/")
    assert KIM not in shown(sign_in(cast.auditor), about)
    event = AuditEvent.objects.get(verb="personal.revealed")
    assert AuditPayload.objects.get(pk=event.pk).body == WHY | {"where": about}


def test_what_was_shown_in_one_role_is_masked_in_another(cast: Cast, sign_in: SignIn) -> None:
    Membership.objects.create(team=cast.rival_team, user=cast.auditor, role=TeamRole.LEADERSHIP)
    sync_team(cast.rival_team.pk)
    Run.objects.create(agent=cast.rival_agent, input={}, title=f"Mail of {KIM}")
    auditor = sign_in(cast.auditor)
    auditor.post("/personal/reveal/", WHY | {"path": "/runs/"})
    assert "shown on this page for a while" in shown(auditor, "/runs/")
    auditor.post("/settings/team/", {"team": str(cast.rival_team.pk)})
    assert (KIM in shown(auditor, "/runs/"), "Mail of" in shown(auditor, "/runs/")) == (False, True)


def test_only_a_page_there_is_can_be_shown(cast: Cast, sign_in: SignIn) -> None:
    auditor = sign_in(cast.auditor)
    for nowhere in ("/nowhere/", "/runs/?page=2", f"/{'x' * 5000}/"):
        assert auditor.post("/personal/reveal/", WHY | {"path": nowhere}).status_code == 404
    assert not AuditEvent.objects.filter(verb="personal.revealed").exists()


def test_leadership_is_never_shown_them(cast: Cast, sign_in: SignIn, about: str) -> None:
    leader = sign_in(cast.leadership)
    assert 'id="reveal-personal"' not in shown(leader, about)
    assert leader.post("/personal/reveal/", WHY | {"path": about}).status_code == 403
    assert KIM not in shown(leader, about)


def exported(client: Client, form: str) -> str:
    return b"".join(client.post("/audit/export/", {"format": form})).decode()


def test_exports_keep_the_mask_and_the_proof_holds_without_what_was_masked(
    cast: Cast, sign_in: SignIn, about: str
) -> None:
    auditor, chief = sign_in(cast.auditor), sign_in(cast.chief)
    for form in ("csv", "jsonl"):
        assert (KIM in exported(chief, form), KIM in exported(auditor, form)) == (True, False)
    lines = [json.loads(line) for line in exported(auditor, "jsonl").splitlines()]
    marked = next(line for line in lines if line.get("verb") == verbs.AGENT_EDITED)
    assert marked["payload"] is None
    assert any(line.get("payload") for line in lines)


def api(cast: Cast, user: User, address: str, **headers: str) -> Any:
    _token, secret = create_token(cast.team, user, name="t", scopes=[TokenScope.READ], days=1, actor=user)
    answer = Client().get(address, headers={"Authorization": f"Bearer {secret}", **headers})
    return answer.status_code, answer.content.decode()


def test_a_token_sees_what_its_person_sees_and_gives_a_reason_for_more(cast: Cast, about: str) -> None:
    address = f"/api/v1{about[:-1]}"
    assert KIM in api(cast, cast.owner, address)[1]
    status, text = api(cast, cast.engineer, address)
    assert (status, KIM in text, "15001" in text, cast.owner.email in text) == (200, False, False, True)
    assert KIM in api(cast, cast.engineer, address, **{"Reveal-Reason": "A complaint"})[1]
    assert api(cast, cast.leadership, address, **{"Reveal-Reason": "A complaint"})[0] == 403
    assert AuditEvent.objects.filter(verb="personal.revealed").count() == 1

"""Incidents on their pages, from the exception they begin with to the post-mortem."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.fleet.enums import Lifecycle, OwnerRole
from agents.runs.actions import open_incident, resolve_incident
from agents.runs.enums import ExceptionKind
from agents.runs.models import Incident, Output
from console.pages.exceptions.affected import affected
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run
from tests.pages.test_runs import queries_of

REGISTER = "/exceptions/incidents/"
PAGE_QUERIES = 17


def opened(cast: Cast, title: str = "Wrong promises", **more: object) -> Incident:
    return open_incident([a_question(cast.agent)], title=title, actor=cast.owner, **more)  # type: ignore[arg-type]


def send(client: Client, incident: Incident, act: str, **fields: object) -> int:
    return client.post(f"{REGISTER}{incident.pk}/{act}/", fields).status_code


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_it_is_opened_from_an_exception_with_what_is_the_same(cast: Cast, sign_in: SignIn) -> None:
    first, same = (a_question(cast.agent, kind=ExceptionKind.SILENCE) for _ in range(2))
    other, client = a_question(cast.agent, title="Else"), sign_in(cast.owner)
    assert "Open an incident" in text(client, f"/exceptions/{first.pk}/")
    said = {"title": "Silent", "severity": "high", "alike": "on", "is_security": "on"}
    assert client.post(f"/exceptions/{first.pk}/incident/", said).status_code == 302
    incident = Incident.objects.get()
    assert set(incident.exceptions.all()) == {first, same}
    assert incident.is_security
    assert "It is part of an incident" in text(client, f"/exceptions/{same.pk}/")
    assert "It is part of an incident" not in text(client, f"/exceptions/{other.pk}/")


def test_an_incident_without_a_title_is_not_opened(cast: Cast, sign_in: SignIn) -> None:
    exception, client = a_question(cast.agent), sign_in(cast.owner)
    page = client.post(f"/exceptions/{exception.pk}/incident/", {"title": " ", "severity": "low", "is_security": "on"})
    assert page.status_code == 422
    form = page.content.decode().split('<details class="panel" id="incident" open>')[1]
    for said in (
        "This field is required.",
        '<option value="low" selected>',
        'name="is_security" id="id_is_security" checked',
    ):
        assert said in form, said
    assert not Incident.objects.exists()


def test_it_is_worked_off_on_its_page(cast: Cast, sign_in: SignIn) -> None:
    incident, client = opened(cast), sign_in(cast.owner)
    path = f"{REGISTER}{incident.pk}/"
    assert send(client, incident, "note", text="Legal was called") == 302
    assert send(client, incident, "tick", place=1, done=1) == 302
    assert send(client, incident, "lead", commander=cast.second.pk) == 302
    assert send(client, incident, "contain", agents=[cast.agent.pk], by="pause") == 302
    assert (
        send(client, incident, "resolve", root_cause="rule", resolution="Tightened the rule", undone="No need") == 302
    )
    said = text(client, path)
    for words in ("Legal was called", "led by Dev", "Paused", "Resolved: A rule or guardrail", "Tightened the rule"):
        assert words in said
    cast.agent.refresh_from_db()
    assert cast.agent.lifecycle == Lifecycle.PAUSED
    assert "Resolve the incident" not in said


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("note", {"text": " "}),
        ("resolve", {"root_cause": "rule", "resolution": ""}),
        ("resolve", {"root_cause": "", "resolution": "Tightened"}),
        ("contain", {}),
        ("lead", {}),
    ],
)
def test_what_does_not_fit_comes_back(cast: Cast, sign_in: SignIn, act: str, fields: dict[str, str]) -> None:
    assert send(sign_in(cast.owner), opened(cast), act, **fields) == 422


@pytest.mark.parametrize("act", ["contain", "lead"])
def test_what_does_not_fit_is_said_at_its_own_form(cast: Cast, sign_in: SignIn, act: str) -> None:
    incident, client = opened(cast), sign_in(cast.owner)
    said = client.post(f"{REGISTER}{incident.pk}/{act}/", {"by": "freeze"}).content.decode()
    forms = {name: said.split(f'id="{name}"')[1].split("</form>")[0] for name in ("contain", "lead", "note")}
    wrong = {name for name, form in forms.items() if "Choose agents" in form or "This field is required" in form}
    assert wrong == {act}
    assert 'name="text"' in forms["note"]
    assert ('value="freeze" checked' in forms["contain"]) == (act == "contain")


def test_what_was_typed_into_an_incident_that_a_colleague_resolved_is_there_to_copy(
    cast: Cast, sign_in: SignIn
) -> None:
    incident = opened(cast)
    resolve_incident(incident, root_cause="rule", resolution="Tightened", undone="No need", actor=cast.second)
    mine = {"root_cause": "model", "resolution": "Sent anew", "lessons": "A test", "undone": "Nobody asked"}
    late = sign_in(cast.owner).post(f"{REGISTER}{incident.pk}/resolve/", mine)
    assert late.status_code == 422
    assert 'role="alert">This incident is resolved. “Sent anew” “A test” “Nobody asked”' in late.content.decode()


def test_whoever_resolves_it_reads_how_many_steps_are_not_ticked_and_says_why(cast: Cast, sign_in: SignIn) -> None:
    incident, client = opened(cast), sign_in(cast.owner)
    path, n = f"{REGISTER}{incident.pk}/", incident.tasks.count()
    assert f"{n} steps are not ticked." in text(client, path)
    mine = {"root_cause": "rule", "resolution": "Tightened"}
    asked = client.post(f"{path}resolve/", mine)
    form = asked.content.decode().split('id="resolve"')[1]
    assert asked.status_code == 422
    for words in (f"{n} steps of the runbook are not ticked: tick them, or say why", ">\nTightened</textarea>"):
        assert words in form, words
    assert send(client, incident, "resolve", **mine, undone="x" * 301) == 422
    assert send(client, incident, "resolve", **mine, undone="Legal said no") == 302
    assert f"{n} steps not done: Legal said no" in text(client, path)


def test_where_every_step_is_ticked_nothing_is_asked(cast: Cast, sign_in: SignIn) -> None:
    incident, client = opened(cast), sign_in(cast.owner)
    for task in incident.tasks.all():
        send(client, incident, "tick", place=task.place, done=1)
    assert 'name="undone"' not in text(client, f"{REGISTER}{incident.pk}/")
    assert send(client, incident, "resolve", root_cause="rule", resolution="Tightened") == 302


def test_the_timeline_says_which_step_which_severity_and_who(cast: Cast, sign_in: SignIn) -> None:
    incident, client = opened(cast, severity="high"), sign_in(cast.owner)
    moves: dict[str, dict[str, object]] = {
        "tick": {"place": 1, "done": 1},
        "severity": {"severity": "low"},
        "lead": {"commander": cast.second.pk},
        "contain": {"agents": [cast.agent.pk], "by": "freeze"},
        "resolve": {"root_cause": "rule", "resolution": "Tightened", "undone": "No need"},
    }
    for act, fields in moves.items():
        assert send(client, incident, act, **fields) == 302
    page, file = text(client, f"{REGISTER}{incident.pk}/"), text(client, f"{REGISTER}{incident.pk}/post-mortem/")
    step = incident.tasks.get(place=1).text
    for about in (
        step,
        "High → Low",
        "Dev",
        f"{cast.agent} · Freeze",
        "A rule or guardrail was wrong or too strict · 5 steps not done: No need",
    ):
        assert f'<span class="sub">{about}</span>' in page.split('id="timeline"')[1], about
        assert f" · {about}" in file.split("## Timeline")[1], about


def test_a_reader_sees_no_buttons_and_a_stranger_nothing(cast: Cast, sign_in: SignIn) -> None:
    incident = opened(cast)
    assert "Resolve the incident" not in text(sign_in(cast.auditor), f"{REGISTER}{incident.pk}/")
    assert sign_in(cast.rival).get(f"{REGISTER}{incident.pk}/").status_code == 404
    assert send(sign_in(cast.auditor), incident, "note", text="x") == 403


def test_the_register_counts_security_apart(cast: Cast, sign_in: SignIn) -> None:
    opened(cast)
    opened(cast, "Leak", is_security=True)
    client = sign_in(cast.owner)
    page = client.get(REGISTER)
    assert [row.title for row in page.context["incidents"]] == ["Leak", "Wrong promises"]
    assert [row.title for row in client.get(f"{REGISTER}?security=1").context["incidents"]] == ["Leak"]
    assert (page.context["total"], page.context["security"]) == (2, 1)
    assert "No incident" in text(sign_in(cast.rival), REGISTER)


def test_the_register_says_how_long_each_took(cast: Cast, sign_in: SignIn) -> None:
    incident, now = opened(cast), timezone.now()
    times = {"opened_at": now - timedelta(hours=5), "contained_at": now - timedelta(hours=4)}
    Incident.objects.filter(pk=incident.pk).update(**times)
    said = text(sign_in(cast.owner), REGISTER)
    assert '<td class="muted">1\xa0hour</td>' in said
    assert '<td class="muted">–</td>' in said


def test_a_page_costs_the_same_with_more_to_tell(cast: Cast, sign_in: SignIn) -> None:
    incident, client = opened(cast), sign_in(cast.owner)
    path = f"{REGISTER}{incident.pk}/"
    assert queries_of(client, path, fragment=False) == PAGE_QUERIES
    send(client, incident, "note", text="One")
    send(client, incident, "note", text="Two")
    client.get(path)
    assert queries_of(client, path, fragment=False) == PAGE_QUERIES


def test_the_post_mortem_is_text_whoever_wrote_it(cast: Cast, sign_in: SignIn) -> None:
    incident, client = opened(cast, HOSTILE[:150]), sign_in(cast.owner)
    send(client, incident, "note", text="[click](https://evil.example) *now*")
    send(
        client,
        incident,
        "resolve",
        root_cause="data",
        resolution="Cleaned up",
        lessons="Check twice",
        undone="No *need*",
    )
    answer = client.get(f"{REGISTER}{incident.pk}/post-mortem/")
    said = answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="incident-1.md"'
    for words in (
        "# Incident 1: \\<img",
        "\\[click\\]",
        "## What was done",
        "Cleaned up",
        "Check twice",
        "- [ ] Pause",
        "not done: No \\*need\\*",
    ):
        assert words in said
    assert "<img" not in said.replace("\\<img", "")


def test_a_runbook_is_written_by_who_may(cast: Cast, sign_in: SignIn) -> None:
    path = "/exceptions/runbooks/?kind=silence"
    assert sign_in(cast.owner).post(path, {"text": "Call"}).status_code == 403
    client = sign_in(cast.operations)
    assert "as it ships" in text(client, path)
    assert client.post(path, {"text": "Call them\nTell us"}).status_code == 302
    said = text(client, path)
    assert "version 1" in said
    assert "<li>Call them</li>" in said
    assert client.post(path, {"text": "x" * 400}).status_code == 422


def test_it_says_which_customers_it_reached_and_how_bad_it_turned_out(cast: Cast, sign_in: SignIn) -> None:
    kim = {"contact": {"email": "kim@example.com", "name": "Kim Lee"}}
    runs = [a_run(cast.agent, input=given) for given in (kim, kim, {"customer": "Marta Gil"}, {"text": "Who?"})]
    Output.objects.create(run=runs[0], kind="reply", content="It is free.")
    incident = open_incident([a_question(cast.agent, run) for run in runs], title="Wrong price", actor=cast.owner)
    found = [(each.name, len(each.runs), each.told) for each in affected(incident, cast.owner)]
    assert found == [("Kim Lee", 2, 1), ("Marta Gil", 1, 0)]
    client, path = sign_in(cast.owner), f"{REGISTER}{incident.pk}/"
    assert "Kim Lee" in text(client, path)
    assert "Customers affected:** 2" in text(client, f"{path}post-mortem/")
    assert "Kim Lee" not in text(client, f"{path}post-mortem/")
    assert send(client, incident, "severity", severity="low") == 302
    assert send(client, incident, "severity", severity="worst") == 422
    incident.refresh_from_db()
    assert incident.severity == "low"
    assert "changed the severity of an incident" in text(client, path)


def test_customers_of_agents_that_the_reader_does_not_see_are_not_named(cast: Cast) -> None:
    theirs = make_agent(cast.team, "theirs", (cast.second, OwnerRole.PRIMARY), (cast.backup, OwnerRole.SECOND))
    runs = [a_run(agent, input={"customer": agent.slug}) for agent in (cast.agent, theirs)]
    incident = open_incident([a_question(run.agent, run) for run in runs], title="Wrong price", actor=cast.second)
    for reader, sees in ((cast.second, ["refund-agent", "theirs"]), (cast.owner, ["refund-agent"])):
        assert sorted(each.name for each in affected(incident, reader)) == sees

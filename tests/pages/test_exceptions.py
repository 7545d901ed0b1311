"""The inbox of exceptions and the page on which a person answers one."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet.enums import OwnerRole
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, RunState, Severity
from agents.runs.models import Decision, RunException
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run, an_approval
from tests.pages.test_runs import queries_of

LIST_QUERIES = 8
PAGE_QUERIES = 13


def send(client: Client, exception: RunException, kind: str, **fields: str) -> int:
    """Presses a button of the page as a browser would; returns the status."""
    page = client.get(f"/exceptions/{exception.pk}/").context["page"]
    data = {"kind": kind, "key": page.key, "sha256": exception.proposal_sha256, **fields}
    return client.post(f"/exceptions/{exception.pk}/decide/", data).status_code


def listed(page: Any) -> list[RunException]:
    return [row.exception for row in page.context["rows"]]


def test_the_inbox_costs_the_same_for_one_and_for_three(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    an_approval(cast.agent)
    assert queries_of(client, "/exceptions/") == LIST_QUERIES
    an_approval(cast.agent)
    a_question(cast.agent)
    assert queries_of(client, "/exceptions/") == LIST_QUERIES


def test_the_page_of_an_exception_costs_the_same_with_and_without_decisions(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    exception, client = a_question(cast.agent, run), sign_in(cast.owner)
    assert queries_of(client, f"/exceptions/{exception.pk}/", fragment=False) == PAGE_QUERIES
    for _ in range(3):
        Decision.objects.create(item=exception.item, actor=cast.second, kind="escalate", idempotency_key=uuid7().hex)
    assert queries_of(client, f"/exceptions/{exception.pk}/", fragment=False) == PAGE_QUERIES


@pytest.mark.parametrize("part", [{"pattern": "(a+)+$"}, {}])
def test_the_page_says_where_an_answer_is_not_held_against_all_that_was_asked(
    cast: Cast, sign_in: SignIn, part: dict[str, str]
) -> None:
    schema = {"type": "object", "properties": {"code": {"type": "string", **part}}}
    page = sign_in(cast.owner).get(f"/exceptions/{a_question(cast.agent, schema=schema).pk}/").content.decode()
    assert ("Those are not checked here" in page) == bool(part)


def test_an_empty_inbox_says_that_nothing_waits(cast: Cast, sign_in: SignIn) -> None:
    assert "Nothing waits for anybody" in sign_in(cast.owner).get("/exceptions/").content.decode()


def test_a_row_is_opened_by_its_title_and_the_name_beside_it_is_the_agent_s(cast: Cast, sign_in: SignIn) -> None:
    asked = a_question(cast.agent, title="Where is it?")
    row = sign_in(cast.owner).get("/exceptions/").content.decode().split(f'id="row-{asked.pk}"')[1].split("</tr>")[0]
    [(first, _name), *_more] = links = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>([^<]+)</a>', row)
    assert first == f"/exceptions/{asked.pk}/", "Enter opens the first"
    assert (first, "Where is it?") in links
    assert (f"/agents/{cast.agent.slug}/one-on-one/", cast.agent.name) in links


def test_a_decision_has_one_name_on_its_button_among_many_and_once_it_is_made(cast: Cast, sign_in: SignIn) -> None:
    asked, client = a_question(cast.agent), sign_in(cast.owner)
    alone = client.get(f"/queue/{asked.item.pk}/").content.decode()
    many = client.get(f"/queue/bulk/?item={asked.item.pk}").content.decode()
    for kind in (DecisionKind.RESPOND, DecisionKind.IGNORE, DecisionKind.ESCALATE):
        for page in (alone, many):
            [said] = re.findall(rf'name="kind" value="{kind}"[^>]*>([^<]+)<', page)
            assert said.strip() == kind.label
    keys = [dict(re.findall(r'name="kind" value="(\w+)"[^>]*data-hotkey="(\w)"', page)) for page in (alone, many)]
    assert keys[0].items() <= keys[1].items(), "the keys are the same, too"


def test_the_worst_comes_first_and_figures_agree_with_rows(cast: Cast, sign_in: SignIn) -> None:
    low = a_question(cast.agent, severity=Severity.LOW)
    high = an_approval(cast.agent)
    page = sign_in(cast.owner).get("/exceptions/")
    assert listed(page) == [high, low]
    assert [figure.count for figure in page.context["figures"]] == [1, 0, 1]
    only = sign_in(cast.owner).get("/exceptions/?severity=low")
    assert listed(only) == [low]


@pytest.mark.parametrize("query", ["kind=approval", "agent=refund-agent", "state=all", "owner={owner}"])
def test_the_inbox_is_filtered_by_what_it_shows(cast: Cast, sign_in: SignIn, query: str) -> None:
    other = make_agent(cast.team, "other", (cast.chief, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    wanted = an_approval(cast.agent)
    a_question(other)
    page = sign_in(cast.chief).get(f"/exceptions/?{query.format(owner=cast.owner.pk)}")
    assert wanted in listed(page)
    assert len(page.context["rows"]) == (2 if "all" in query else 1)


def test_the_inbox_goes_on_where_the_page_ended(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.pages.exceptions.inbox.PAGE", 2)
    made = [a_question(cast.agent, severity=level, cause=str(n)) for n, level in enumerate([*Severity, *Severity])]
    client = sign_in(cast.owner)
    for state in ("open", "all"):
        path, seen = f"/exceptions/?state={state}", list[RunException]()
        while path:
            page = client.get(path)
            seen += listed(page)
            path = page.context["next"]
        assert len(seen) == len(made)
        assert set(seen) == set(made)


@pytest.mark.parametrize("place", ["x", "1~", "~", "nan~01900000-0000-7000-8000-000000000000", "1e999~x"])
def test_a_damaged_place_is_the_beginning(cast: Cast, sign_in: SignIn, place: str) -> None:
    a_question(cast.agent)
    assert sign_in(cast.owner).get("/exceptions/", {"after": place}).status_code == 200


def test_strangers_find_nothing_and_readers_no_buttons(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    for stranger in (cast.rival, cast.manager):
        assert sign_in(stranger).get(f"/exceptions/{exception.pk}/").status_code == 404
        assert sign_in(stranger).post(f"/exceptions/{exception.pk}/decide/").status_code == 404
    reader = sign_in(cast.trainee)
    assert 'name="kind"' not in reader.get(f"/exceptions/{exception.pk}/").content.decode()
    assert send(reader, exception, "approve") == 403
    assert not Decision.objects.exists()


def test_what_happens_is_ours_and_what_the_agent_says_is_apart(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    text = sign_in(cast.owner).get(f"/exceptions/{exception.pk}/").content.decode()
    assert re.findall(r"<dt>(\w+)</dt>", text) == ["Tool", "Amount", "Order", "Reason"]
    assert "$412.00" in text
    assert text.index("What will happen if you approve") < text.index("It says")
    assert exception.proposal_sha256[:12] in text


def test_an_approval_runs_what_was_on_the_page(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent), sign_in(cast.owner)
    assert send(client, exception, "approve", sha256="0" * 64) == 409
    assert send(client, exception, "approve") == 302
    assert Decision.objects.get().proposal_sha256 == exception.proposal_sha256


def test_a_proposal_without_a_schema_is_edited_field_by_field(cast: Cast, sign_in: SignIn) -> None:
    exception, client = (
        an_approval(cast.agent, proposal={"reply": "No.", "copies": 1, "now": True}),
        sign_in(cast.owner),
    )
    form = client.get(f"/exceptions/{exception.pk}/").context["page"].form
    names = {path[0]: form.add_prefix(name) for name, path in form.paths.items()}
    typed = {names["reply"]: "Yes.", names["copies"]: "2", names["now"]: "false"}
    assert send(client, exception, "edit", **typed) == 302
    assert Decision.objects.get().payload == {"reply": "Yes.", "copies": 2, "now": False}


def test_an_amount_of_money_is_edited_as_people_write_it(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent, proposal={"amount_micros": 412_500_000, "currency": "EUR"})
    client = sign_in(cast.owner)
    form = client.get(f"/exceptions/{exception.pk}/").context["page"].form
    names = {path[0]: form.add_prefix(name) for name, path in form.paths.items()}
    assert 'value="412.5"' in str(form)
    assert "Amount (EUR)" in str(form)
    assert send(client, exception, "edit", **{names["amount_micros"]: "1e3", names["currency"]: "EUR"}) == 422
    assert send(client, exception, "edit", **{names["amount_micros"]: "99.90", names["currency"]: "EUR"}) == 302
    assert Decision.objects.get().payload == {"amount_micros": 99_900_000, "currency": "EUR"}


def test_an_answer_fits_its_schema_or_comes_back_as_it_was_typed(cast: Cast, sign_in: SignIn) -> None:
    exception, client = a_question(cast.agent), sign_in(cast.owner)
    typed = {"answer-f0": '"lost"', "answer-f1": "31", "answer-f2": "Sorry.", "note": "patient"}
    data = {"kind": "respond", "key": str(uuid7()), **typed}
    page = client.post(f"/exceptions/{exception.pk}/decide/", data)
    text = page.content.decode()
    assert page.status_code == 422
    assert "The largest value allowed is 30." in text
    for kept in ('value="31"', "Sorry.</textarea>", "patient</textarea>", data["key"], "checked"):
        assert kept in text
    assert client.post(f"/exceptions/{exception.pk}/decide/", {**data, "answer-f1": "3"}).status_code == 302
    exception.refresh_from_db()
    assert exception.answer == {"verdict": "lost", "days": 3, "tell": "Sorry."}


def test_a_question_without_a_schema_is_answered_in_words(cast: Cast, sign_in: SignIn) -> None:
    exception, client = a_question(cast.agent, schema={}), sign_in(cast.owner)
    assert send(client, exception, "respond") == 422
    assert send(client, exception, "respond", note="Send a new one.") == 302
    exception.refresh_from_db()
    assert exception.answer == {"text": "Send a new one."}


def test_skipping_needs_a_reason_and_escalating_leaves_it_open(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent), sign_in(cast.owner)
    assert send(client, exception, "skip") == 422
    assert send(client, exception, "skip", note="after lunch") == 302
    assert send(client, exception, "escalate") == 302
    exception.refresh_from_db()
    assert exception.state == ExceptionState.OPEN


def test_what_is_not_sent_is_not_told_what_is_wrong_with_it(cast: Cast, sign_in: SignIn) -> None:
    exception, client = a_question(cast.agent), sign_in(cast.owner)
    for kind, told in (("skip", (1, False)), ("respond", (0, True))):
        data = {"kind": kind, "key": uuid7(), "sha256": exception.proposal_sha256}
        said = client.post(f"/exceptions/{exception.pk}/decide/", data).content.decode()
        assert (said.count("Say why you skip it."), "This field is required." in said) == told


def test_the_arguments_of_a_call_are_told_like_the_rest(cast: Cast, sign_in: SignIn) -> None:
    for name in ("args", "arguments"):
        call = {"tool": "pay", name: {"amount_micros": 900_000_000_000, "currency": "USD", "order": name}}
        exception = an_approval(cast.agent, proposal=call)
        text = sign_in(cast.owner).get(f"/exceptions/{exception.pk}/").content.decode()
        assert re.findall(r"<dt>(\w+)</dt>", text) == ["Tool", "Amount", "Order"]
        assert "$900,000.00" in text


def test_a_double_click_is_one_decision(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent), sign_in(cast.owner)
    data = {"kind": "approve", "key": str(uuid7()), "sha256": exception.proposal_sha256}
    answers = [client.post(f"/exceptions/{exception.pk}/decide/", data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Decision.objects.count() == 1


def test_whoever_is_late_reads_who_was_faster_and_keeps_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    assert send(sign_in(cast.owner), exception, "approve") == 302
    data = {"kind": "reject", "key": str(uuid7()), "note": "Not twice."}
    late = sign_in(cast.second).post(f"/exceptions/{exception.pk}/decide/", data, headers={"HX-Request": "true"})
    text = late.content.decode()
    assert late.status_code == 409
    assert text.strip().startswith('<div id="deciding"')
    assert "Amelia already decided this (Approve" in text
    assert "Not twice." in text


def test_an_edit_that_comes_too_late_stays_on_the_page(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent, proposal={"reply": "No."})
    form = sign_in(cast.second).get(f"/exceptions/{exception.pk}/").context["page"].form
    assert send(sign_in(cast.owner), exception, "approve") == 302
    data = {"kind": "edit", "key": str(uuid7()), "sha256": "0" * 64, form.add_prefix("f0"): "Half a page of care."}
    late = sign_in(cast.second).post(f"/exceptions/{exception.pk}/decide/", data, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "Half a page of care." in late.content.decode()


def test_an_expired_approval_cannot_be_given(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent, expires_at=timezone.now())
    assert send(sign_in(cast.owner), exception, "approve") == 409


@pytest.mark.parametrize(
    "data", [{}, {"kind": "explode"}, {"kind": "approve", "key": "x"}, {"kind": "respond", "note": "\x00"}]
)
def test_a_damaged_page_is_said_and_nothing_is_decided(cast: Cast, sign_in: SignIn, data: dict[str, str]) -> None:
    exception = an_approval(cast.agent)
    assert sign_in(cast.owner).post(f"/exceptions/{exception.pk}/decide/", data).status_code == 422
    assert not Decision.objects.exists()


def test_labels_and_help_of_a_hostile_schema_stay_text(cast: Cast, sign_in: SignIn) -> None:
    options = [{"const": HOSTILE, "title": HOSTILE}, {"const": "b", "title": "\u202eB"}]
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "title": HOSTILE, "description": HOSTILE},
            HOSTILE: {"type": "string", "oneOf": options},
        },
    }
    exception = a_question(cast.agent, schema=schema, kind=ExceptionKind.QUESTION)
    text = sign_in(cast.owner).get(f"/exceptions/{exception.pk}/").content.decode()
    assert "<img" not in text
    assert "<script>alert" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("part", [{"$ref": "http://127.0.0.1:9/x.json"}, {"type": "string", "pattern": "("}])
def test_a_schema_that_cannot_be_judged_is_answered_all_the_same(
    cast: Cast, sign_in: SignIn, part: dict[str, str]
) -> None:
    exception, client = (
        a_question(cast.agent, schema={"type": "object", "properties": {"a": part}}),
        sign_in(cast.owner),
    )
    before = client.get(f"/exceptions/{exception.pk}/").content.decode()
    assert send(client, exception, "respond", note="yes", **{"answer-f0": "yes"}) == 302
    after = client.get(f"/exceptions/{exception.pk}/").content.decode()
    told = ("Its form cannot be judged here" in before, "Nobody checked the answer" in after)
    assert told == (("$ref" in part,) * 2)


def test_what_is_approved_as_it_stands_is_no_answer_that_nobody_checked(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent, schema={"$ref": "http://127.0.0.1:9/x.json"}), sign_in(cast.owner)
    assert "Its form cannot be judged here" in client.get(f"/exceptions/{exception.pk}/").content.decode()
    assert send(client, exception, "approve") == 302
    assert "Nobody checked the answer" not in client.get(f"/exceptions/{exception.pk}/").content.decode()


def test_the_decision_is_a_post(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    assert sign_in(cast.owner).get(f"/exceptions/{exception.pk}/decide/").status_code == 405


def test_evidence_is_told_in_words_and_leads_to_what_it_names(cast: Cast, sign_in: SignIn) -> None:
    campaign, seen = uuid7(), "2026-03-01T12:00:00+00:00"
    exception = a_question(cast.agent, kind="stale_context", step_key="")
    exception.evidence = {"campaign": str(campaign), "delivery": str(uuid7()), "last_seen": seen, "other_run": "-"}
    exception.evidence["rung"] = "failed"
    exception.save(update_fields=["evidence"])
    page = sign_in(cast.owner).get(f"/exceptions/{exception.pk}/").content.decode()
    assert f'href="/campaigns/{campaign}/"' in page
    assert "last seen" in page
    assert seen not in page
    assert exception.evidence["delivery"] not in page


def test_a_question_that_wants_a_choice_says_so(cast: Cast, sign_in: SignIn) -> None:
    said, client = "Choose one before you send.", sign_in(cast.owner)
    choice = {"type": "object", "required": ["way"], "properties": {"way": {"enum": ["send", "close"]}}}
    for schema, wanted in ((choice, 1), ({**choice, "required": []}, 0)):
        asked = a_question(cast.agent, schema=schema)
        assert client.get(f"/exceptions/{asked.pk}/").content.decode().count(said) == wanted

"""From a decision to a standing rule and back, without a script."""

from typing import Any

from django.test import Client

from agents.runs.actions.rules import approve_rule
from agents.runs.enums import RuleState, RunState
from agents.runs.models import Decision, Run, StandingRule
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run, an_approval
from tests.pages.test_queue import a_day, decide

DOLLAR = 1_000_000


def approved(cast: Cast, sign_in: SignIn) -> Decision:
    decide(sign_in(cast.owner), an_approval(cast.agent, a_run(cast.agent, RunState.WAITING)), kind="approve")
    return Decision.objects.latest("at")


def typed(page: Any) -> dict[str, Any]:
    """The form as it stands on the page."""
    form = page.context["form"]
    return {field.html_name: field.value() or "" for field in form}


def test_a_decision_becomes_a_rule_that_a_second_person_approves(cast: Cast, sign_in: SignIn) -> None:
    decision, client = approved(cast, sign_in), sign_in(cast.owner)
    assert decision.item
    address = f"/queue/decisions/{decision.pk}/rule/"
    assert address in client.get(f"/queue/{decision.item.pk}/").content.decode()
    page = client.get(address)
    assert "It would have decided 1 of 1 as people did." in page.content.decode()
    data = typed(page)
    assert [data["field0"], data["value0"], data["field1"], data["is1"]] == [
        "tool",
        "refund_payment",
        "amount_micros",
        "at_most",
    ]
    assert data["value1"] == "412", "people read and type money, not micro-units"
    again = client.post(address, {**data, "most_micros": "1", "try": "1"})
    assert "The rule does not reach the very case it is made from." in again.content.decode()
    assert not StandingRule.objects.exists()
    assert client.post(address, {**data, "value1": "much", "try": "1"}).status_code == 422
    late = client.post(address, {**data, "expires_at": "2999-01-01", "try": "1"})
    assert late.context["form"].errors == {"expires_at": ["A rule lasts at most 90 days."]}
    said = client.post(address, {**data, "propose": "1"}, follow=True).content.decode()
    assert "<dt>amount</dt><dd>is at most <b>$412.00</b></dd>" in said
    assert "Proposed: another of the agent’s people has to approve it." in said
    rule = StandingRule.objects.get()
    assert (rule.state, rule.most_micros, rule.replay["same"]) == (RuleState.PROPOSED, 412 * DOLLAR, 1)
    assert "Approve the rule" not in said
    other = sign_in(cast.second)
    waits = [("1 waits for you" in person.get("/queue/").content.decode()) for person in (other, client)]
    assert waits == [True, False]
    assert "Approve the rule" in other.get(f"/queue/rules/{rule.pk}/").content.decode()
    assert "In force from now on." in other.post(f"/queue/rules/{rule.pk}/approve/", follow=True).content.decode()
    assert "1 waits for you" not in other.get("/queue/").content.decode()
    assert client.post(f"/queue/rules/{rule.pk}/approve/").status_code == 403


def test_what_is_open_already_is_named_before_and_decided_only_when_told(cast: Cast, sign_in: SignIn) -> None:
    decision, client = approved(cast, sign_in), sign_in(cast.owner)
    waits = an_approval(cast.agent, a_run(cast.agent, RunState.WAITING))
    address = f"/queue/decisions/{decision.pk}/rule/"
    page = client.get(address)
    assert "1 open item fits it too" in page.content.decode()
    assert client.post(address, {**typed(page), "propose": "1"}).status_code == 302
    rule = StandingRule.objects.get()
    asked = sign_in(cast.second).get(f"/queue/rules/{rule.pk}/").content.decode()
    assert "They stay with people" in asked
    assert "Let it decide these, too" not in asked
    assert "This rule is not in force." in client.post(f"/queue/rules/{rule.pk}/open/", follow=True).content.decode()
    approve_rule(rule, actor=cast.second)
    assert "Let it decide these, too" in client.get(f"/queue/rules/{rule.pk}/").content.decode()
    told = client.post(f"/queue/rules/{rule.pk}/open/", follow=True).content.decode()
    assert "Decided: 1. Left to people: 0." in told
    assert "fits it too" not in told
    assert waits.item.decisions.get().rule == rule


def test_what_a_rule_is_told_to_decide_can_be_undone_by_whoever_told_it(
    cast: Cast, sign_in: SignIn, settings: Any
) -> None:
    decision, client = approved(cast, sign_in), sign_in(cast.owner)
    waits = [an_approval(cast.agent, a_run(cast.agent, RunState.WAITING)) for _each in range(2)]
    rule = in_force(cast, client, decision)
    settings.DECISION_GRACE = 60
    other = sign_in(cast.second)
    told = other.post(f"/queue/rules/{rule.pk}/open/", follow=True).content.decode()
    assert set(rule.firings.values_list("state", flat=True)) == {"pending"}
    assert set(Run.objects.filter(exceptions__in=waits).values_list("state", flat=True)) == {"waiting"}
    undo = f"/queue/decisions/{rule.firings.earliest('at').pk}/undo/"
    assert f'action="{undo}"' in told
    assert "Approve × 2 · Nothing has left yet." in told
    assert undo not in sign_in(cast.auditor).get(f"/queue/rules/{rule.pk}/").content.decode()
    assert "Taken back: nothing has happened." in other.post(undo, follow=True).content.decode()
    assert set(rule.firings.values_list("state", flat=True)) == {"undone"}
    page = other.get(f"/queue/rules/{rule.pk}/").content.decode()
    assert (page.count("· Undone"), "/undo/" in page, "Let it decide these" in page) == (2, False, False)
    assert "Decided without asking" not in client.get(f"/queue/reviews/{a_day(cast).pk}/").content.decode()


def test_what_a_rule_is_told_to_escalate_can_be_undone_on_its_page_too(
    cast: Cast, sign_in: SignIn, settings: Any
) -> None:
    client, waits = sign_in(cast.owner), an_approval(cast.agent, a_run(cast.agent, RunState.WAITING))
    decide(client, an_approval(cast.agent, a_run(cast.agent, RunState.WAITING)), kind="escalate")
    rule = in_force(cast, client, Decision.objects.get())
    settings.DECISION_GRACE = 60
    other = sign_in(cast.second)
    told = other.post(f"/queue/rules/{rule.pk}/open/", follow=True).content.decode()
    undo = f"/queue/decisions/{rule.firings.get().pk}/undo/"
    assert ("Escalate · Can be undone" in told, "Nothing has left yet" in told) == (True, False)
    assert f'action="{undo}"' in told
    assert f'action="{undo}"' in other.get(f"/queue/{waits.item.pk}/").content.decode()
    assert "Taken back" in other.post(undo, follow=True).content.decode()
    assert rule.firings.get().state == "undone"


def in_force(cast: Cast, client: Client, decision: Decision) -> StandingRule:
    """The rule of that decision as its form proposes it, approved by a second person."""
    address = f"/queue/decisions/{decision.pk}/rule/"
    client.post(address, {**typed(client.get(address)), "propose": "1"})
    return approve_rule(StandingRule.objects.get(), actor=cast.second)


def test_what_a_rule_decides_is_listed_and_it_is_revoked(
    cast: Cast, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    decision, client, day = approved(cast, sign_in), sign_in(cast.owner), a_day(cast)
    rule = in_force(cast, client, decision)
    with django_capture_on_commit_callbacks(execute=True):
        exception = an_approval(cast.agent, a_run(cast.agent, RunState.WAITING))
    item = exception.item.pk
    assert "by a standing rule" in client.get(f"/queue/{item}/").content.decode()
    assert str(item) in client.get(f"/queue/rules/{rule.pk}/").content.decode()
    assert "Decided without asking anybody" in client.get(f"/queue/reviews/{day.pk}/").content.decode()
    assert "1 / 20" in client.get("/queue/rules/").content.decode()
    assert "Revoked" in client.post(f"/queue/rules/{rule.pk}/revoke/", follow=True).content.decode()
    rule.refresh_from_db()
    assert rule.state == RuleState.REVOKED


def test_in_the_digest_one_key_revokes_a_rule_and_the_same_takes_it_back(
    cast: Cast, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    decision, client, day = approved(cast, sign_in), sign_in(cast.owner), a_day(cast)
    rule = in_force(cast, client, decision)
    with django_capture_on_commit_callbacks(execute=True):
        for _twice in range(2):
            an_approval(cast.agent, a_run(cast.agent, RunState.WAITING))
    digest = f"/queue/reviews/{day.pk}/"
    revoke, restore = (f'hx-post="/queue/rules/{rule.pk}/{act}/"' for act in ("revoke", "restore"))
    said = client.get(digest).content.decode()
    assert (said.count(revoke), said.count('data-hotkey="v"')) == (1, 1)
    assert 'data-hotkey="v"' not in sign_in(cast.auditor).get(digest).content.decode()
    htmx = {"HX-Request": "true"}
    for act, then, state in (("revoke", restore, RuleState.REVOKED), ("restore", revoke, RuleState.ACTIVE)):
        key = client.post(f"/queue/rules/{rule.pk}/{act}/", headers=htmx).content.decode()
        rule.refresh_from_db()
        assert (then in key, 'data-hotkey="v"' in key, "<h1>" in key, rule.state) == (True, True, False, state)
    client.post(f"/queue/rules/{rule.pk}/revoke/")
    for page in (digest, f"/queue/rules/{rule.pk}/"):
        mine, others = (each.get(page).content.decode() for each in (client, sign_in(cast.second)))
        assert [f"/queue/rules/{rule.pk}/restore/" in said for said in (mine, others)] == [True, False]


def test_an_answer_suggests_the_same_question(cast: Cast, sign_in: SignIn) -> None:
    client, exception = sign_in(cast.owner), a_question(cast.agent, schema={})
    decide(client, exception, note="It is late")
    page = client.get(f"/queue/decisions/{Decision.objects.get().pk}/rule/")
    assert typed(page)["value0"] == exception.title
    client.post(page.wsgi_request.path, {**typed(page), "propose": "1"})
    rule = StandingRule.objects.get()
    assert rule.conditions == [{"field": "fingerprint", "is": "is", "value": exception.fingerprint}]
    assert (
        f"<dt>the same question</dt><dd>is <b>{exception.title}</b></dd>"
        in client.get(f"/queue/rules/{rule.pk}/").content.decode()
    )


def test_a_rule_of_an_approval_says_that_only_the_same_proposal_is_the_same(cast: Cast, sign_in: SignIn) -> None:
    asked, client = an_approval(cast.agent, proposal={"body": "You get it back."}), sign_in(cast.owner)
    decide(client, asked, kind="approve")
    page = client.get(f"/queue/decisions/{Decision.objects.get().pk}/rule/")
    client.post(page.wsgi_request.path, {**typed(page), "propose": "1"})
    for said in (page, client.get(f"/queue/rules/{StandingRule.objects.get().pk}/")):
        assert "exactly the same proposal" in said.content.decode()
        assert "the same question" not in said.content.decode()


def test_strangers_find_no_rule_and_readers_make_none(cast: Cast, sign_in: SignIn) -> None:
    decision = approved(cast, sign_in)
    address = f"/queue/decisions/{decision.pk}/rule/"
    assert sign_in(cast.rival).get(address).status_code == 404
    assert sign_in(cast.auditor).get(address).status_code == 403
    assert "No standing rule yet" in sign_in(cast.owner).get("/queue/rules/").content.decode()

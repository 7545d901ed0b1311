"""The policy's page: in plain fields, tried before it holds, with every version there was."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.actions import require_second_person, set_policy
from agents.fleet.models import PolicyVersion
from agents.runs.models import KeptAnswer, Output
from audit.models import AuditEvent, AuditPayload
from console.pages.policy.forms import PolicyForm, initial_of
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.runs.toys import started

ADDRESS = "/settings/policy/"
QUERIES = 7
"""Session, person, team, sidebar; versions, what was saved, and whether she may change it."""
RULES: dict[str, Any] = {
    "prohibited_terms": ["guarantee", "legally binding"],
    "disclosures": [{"when": "invest", "say": "capital at risk"}],
    "languages": ["en", "es"],
    "tone": {"es": "formal"},
    "exclamations": 0,
    "longest_reply": 900,
    "most_amount": 250.5,
    "guardrails": {"citation": {"threshold": 0.9, "fallback": "adjust"}},
    "model_rules": [{"role": "writer", "tier": "premium", "longer_than": 2000}, {"role": "*", "tier": "cheap"}],
    "token_limits": [
        {"agent": "*", "role": "*", "most": 8000},
        {"agent": "refund-agent", "role": "writer", "most": 900},
    ],
    "least_confidence": 0.6,
    "traces_kept_days": 400,
    "storage_gb_month": 0.115,
    "step_confidence": {"classifier": 0.8, "*": 0.625},
    "most_refund": 80.0,
    "moods": ["upset", "angry"],
    "empathy_words": ["widow", "my late husband"],
    "angry_turns": 0,
    "rubric": [
        {"name": "complete", "weight": 3, "asks": "All of it?"},
        {"name": "plain", "weight": 0.5, "asks": "Plain?"},
    ],
    "pass_mark": 0.8,
    "channel_seconds": {"chat": 30, "*": 600},
    "least_passed": 0.75,
    "memory_conflicts": {"promise": "last", "*": "person"},
    "answers_kept_minutes": 0,
    "voices": [
        {"brand": "Alpina", "region": "*", "tone": {"es": "formal", "pt": "formal"}, "never": ["cheap", "barato"]},
        {"brand": "*", "region": "MX", "tone": {"es": "informal"}, "exclamations": 0},
    ],
    "samples": {"refund-agent": {"share": 0.1, "least": 50, "before": True}, "*": {"share": 0.025}},
}


def typed(rules: dict[str, Any], number: int, **more: Any) -> dict[str, Any]:
    """The form as the page fills it, and what somebody typed over it."""
    form = PolicyForm(initial=initial_of("Say what is so.", rules, number))
    return {n: v for n in form.fields if (v := form[n].value()) is not None} | {"do": "save"} | more


def payload(event: AuditEvent) -> dict[str, Any]:
    body: dict[str, Any] = AuditPayload.objects.get(pk=event.pk).body
    return body


def page(client: Client) -> str:
    return client.get(ADDRESS).content.decode()


def test_what_is_in_force_comes_back_from_its_own_fields_unchanged(cast: Cast, sign_in: SignIn) -> None:
    set_policy(cast.team, statement="Say what is so.", rules=RULES, actor=cast.chief)
    answer = sign_in(cast.operations).post(ADDRESS, typed(RULES, 1))
    assert answer.status_code == 302
    newest = PolicyVersion.objects.get(team=cast.team, number=2)
    assert newest.rules == RULES
    assert newest.created_by == cast.operations


def test_every_version_stays_with_what_changed_and_can_hold_again(cast: Cast, sign_in: SignIn) -> None:
    set_policy(cast.team, statement="First.", rules=RULES, actor=cast.chief)
    set_policy(cast.team, statement="Second.", rules=RULES | {"longest_reply": 700}, actor=cast.operations)
    client = sign_in(cast.chief)
    told = page(client)
    assert "Characters at most" in told
    assert ("First." in told, "Second." in told) == (True, True)
    assert client.post(f"{ADDRESS}1/restore/").status_code == 302
    newest = PolicyVersion.objects.order_by("-number").first()
    assert newest is not None
    assert (newest.number, newest.statement, newest.rules) == (3, "First.", RULES)
    assert payload(AuditEvent.objects.filter(verb="policy.changed").latest("seq"))["changed"] == ["longest_reply"]
    assert client.post(f"{ADDRESS}99/restore/").status_code == 404


def test_it_says_what_would_be_different_and_saves_nothing(cast: Cast, sign_in: SignIn) -> None:
    set_policy(cast.team, statement="Say.", rules={"prohibited_terms": ["cheap"]}, actor=cast.chief)
    run = started(cast.agent, "chain")
    for number, text in enumerate(("It is free.", "It is cheap.", "It is yours.")):
        Output.objects.create(run=run, step_key=str(number), kind="reply", content=text)
    said = typed({"prohibited_terms": ["free"]}, 1, do="try")
    told = sign_in(cast.operations).post(ADDRESS, said).content.decode()
    refused, let_pass = told.index("It is free."), told.index("It is cheap.")
    assert "Refused" in told[refused:let_pass]
    assert "Passes" in told[let_pass:]
    assert "It is yours." not in told
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model_rules", "writer premium"),
        ("model_rules", "writer: huge"),
        ("token_limits", "writer: 99"),
        ("token_limits", "a/b/writer: 900"),
        ("memory_conflicts", "promise: mine"),
        ("memory_conflicts", "promise"),
        ("channel_seconds", "chat"),
        ("channel_seconds", "chat: 30\nchat: 31"),
        ("channel_seconds", "chat: 0"),
        ("disclosures", "invest"),
        ("threshold_4", "2"),
        ("languages", []),
        ("statement", " "),
        ("most_amount", "-1"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field_and_nothing_typed_is_lost(
    cast: Cast, sign_in: SignIn, field: str, value: Any
) -> None:
    said = typed({}, 0, legal_words="liable") | {field: value}
    answer = sign_in(cast.operations).post(ADDRESS, said)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert "liable</textarea>" in answer.content.decode()
    assert not PolicyVersion.objects.exists()


def test_a_faster_change_is_not_overwritten(cast: Cast, sign_in: SignIn) -> None:
    set_policy(cast.team, statement="First.", rules={}, actor=cast.chief)
    answer = sign_in(cast.operations).post(ADDRESS, typed({}, 0))
    assert "Somebody else has changed the policy meanwhile." in answer.content.decode()
    assert PolicyVersion.objects.count() == 1


def test_who_may_not_write_it_reads_it(cast: Cast, sign_in: SignIn) -> None:
    set_policy(cast.team, statement="Say what is so.", rules=RULES, actor=cast.chief)
    told = page(sign_in(cast.auditor))
    assert "Say what is so." in told
    assert "<textarea" not in told
    with pytest.raises(NotAllowed):
        set_policy(cast.team, statement="Mine.", rules={}, actor=cast.owner)


def test_rules_nobody_knows_are_refused_and_limits_of_the_second_person_stay(cast: Cast) -> None:
    require_second_person(cast.agent, above_micros=5, actor=cast.owner)
    version = set_policy(cast.team, statement="Say.", rules={"languages": ["en"]}, actor=cast.chief, seen=1)
    assert version.rules == {"languages": ["en"], "second_person_above": {cast.agent.slug: 5}}
    with pytest.raises(Conflict):
        set_policy(cast.team, statement="Say.", rules={}, actor=cast.chief, seen=1)
    for wrong in ({"never_heard": 1}, {"languages": ["tlh"]}, {"tone": {"es": "rude"}}):
        with pytest.raises(Invalid):
            set_policy(cast.team, statement="Say.", rules=wrong, actor=cast.chief)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_queries_however_long_its_history(
    cast: Cast, sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        set_policy(cast.team, statement="Say.", rules={"longest_reply": 100 + number}, actor=cast.chief)
    KeptAnswer.objects.create(
        team=cast.team, key="k", model="small", text="", cost_micros=1_500_000, uses=3, until="2999-01-01T00:00Z"
    )
    client = sign_in(cast.leadership)
    with django_assert_num_queries(QUERIES):
        told = page(client)
    assert "$4.50 saved" in told
    assert "3 of 4 calls (75 %)" in told

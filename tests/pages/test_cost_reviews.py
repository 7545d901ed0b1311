"""The month's review of cost and latency: made once, and what it proposes holds only once somebody accepts it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.base.errors import Conflict, NotAllowed
from agents.fleet.actions import Terms, grant_tool, set_policy
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Model, Price, ToolGrant
from agents.fleet.queries.policies import policy
from agents.flows.adjusting import proposals
from agents.flows.cost_reviews import _made, accept_adjustment, dismiss_adjustment, review_month
from agents.flows.models import Adjustment, CostReview
from agents.flows.usage import Asked, Month
from agents.runs.enums import RunState
from agents.runs.models import Run, Step, ToolUse
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import equip

__all__ = ["machine"]
pytestmark = pytest.mark.django_db
IN_OCTOBER = dt.datetime(2026, 10, 12, 9, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
LARGE, SMALL = "rehearsal-standard", "rehearsal-small"


@pytest.fixture(autouse=True)
def models(cast: Cast) -> None:
    """Two models, the larger ten times as dear."""
    Model.objects.filter(team=cast.team).delete()
    for name, tier, micros in ((LARGE, "standard", 10 * 10**6), (SMALL, "cheap", 10**6)):
        row = Model.objects.create(team=cast.team, provider="p", name=name, tier=tier)
        Price.objects.create(model=row, input_micros=micros, output_micros=micros, since="2020-01-01")


def month(cast: Cast, calls: int = 60, at: dt.datetime = IN_OCTOBER, **step: Any) -> None:
    """Runs of two seconds, each with one call of the writer, of which one in ten is long unless `tokens_in` is said."""
    version = equip(cast.agent)
    runs = [
        Run(agent=cast.agent, flow_version=version, state=RunState.DONE, created_at=at, started_at=at)
        for _ in range(calls)
    ]
    for run in runs:
        run.finished_at = at + dt.timedelta(seconds=2)
    Run.objects.bulk_create(runs)
    asked = {"node": "draft", "kind": "role", "model": LARGE, "prompt_version": "roles/writer/1", "seq": 1}
    asked |= {"use_case": "refunds", "cost_center": "support", "state": "confirmed", "tokens_in": 100} | step
    steps = [Step(run=run, key="draft/1", **asked) for run in runs]
    for place, one in enumerate(steps):
        one.tokens_in = one.tokens_in * (9 if place % 10 == 0 else 1) if "tokens_in" not in step else one.tokens_in
        one.cost_micros = one.tokens_in * 10
    Step.objects.bulk_create(steps)


def reviewed(cast: Cast) -> CostReview:
    found = review_month(cast.team, NOW)
    assert found is not None
    return found


def proposed(review: CostReview) -> dict[str, Adjustment]:
    return {one.kind: one for one in review.adjustments.all()}


def test_each_use_case_stands_beside_the_month_before_and_is_reviewed_once(cast: Cast) -> None:
    month(cast, calls=4, tokens_in=100)
    month(cast, calls=2, at=IN_OCTOBER - dt.timedelta(days=30), tokens_in=50)
    review = reviewed(cast)
    [now], [before] = review.figures["usage"], review.figures["before"]
    assert (str(review), now["use_case"], now["cost_center"]) == ("2026-10", "refunds", "support")
    assert (now["runs"], now["cost_micros"], now["tokens"]) == (4, 4000, 400)
    assert (now["p50_ms"], now["p95_ms"], before["cost_micros"]) == (2000, 2000, 1000)
    assert review_month(cast.team, NOW) is None
    assert review_month(cast.rival_team, NOW) is None
    october = Month(cast.team, dt.date(2026, 10, 1))
    assert _made(october, {"usage": [], "before": []}) is None, "another worker was faster"
    assert AuditEvent.objects.filter(verb="cost.reviewed").count() == 1


def test_a_month_ends_where_its_team_is(cast: Cast) -> None:
    cast.team.zone = "America/New_York"
    month(cast, calls=1, tokens_in=1, at=IN_OCTOBER - dt.timedelta(days=30))
    assert str(review_month(cast.team, dt.datetime(2026, 11, 1, 2, tzinfo=dt.UTC))) == "2026-09"


def test_calls_of_our_own_roles_in_the_month_are_counted_and_those_that_fell_short(cast: Cast) -> None:
    month(cast, calls=2, tokens_in=1)
    month(cast, calls=1, tokens_in=1, error="fell short", tries=3)
    month(cast, calls=1, tokens_in=1, at=NOW)
    month(cast, calls=1, tokens_in=1, prompt_version="")
    month(cast, calls=1, tokens_in=1, node="theirs")
    Run.objects.filter(steps__node="theirs").update(source="webhook")
    october = Month(cast.team, dt.date(2026, 10, 1))
    assert [(one.calls, one.failed) for one in october.asked()] == [(3, 1)]
    assert [(one.runs, one.retries, one.failures) for one in october.usage()] == [(5, 2, 0)]


def test_waiting_for_a_person_is_no_time_of_the_run(cast: Cast) -> None:
    month(cast, calls=1, tokens_in=1)
    asked = {"started_at": IN_OCTOBER, "finished_at": IN_OCTOBER + dt.timedelta(seconds=1.5)}
    Step.objects.create(
        run=Run.objects.get(),
        key="ask/1",
        seq=2,
        node="ask",
        kind="person",
        use_case="refunds",
        cost_center="support",
        **asked,
    )
    assert reviewed(cast).figures["usage"][0]["p50_ms"] == 500


def test_a_role_that_is_dear_and_sure_gets_a_cheaper_model_proposed(cast: Cast) -> None:
    month(cast, tokens_in=100)
    found = proposed(reviewed(cast))
    assert list(found) == ["cheaper_model"]
    one = found["cheaper_model"]
    assert (one.change, one.saves_micros) == ({"role": "writer", "tier": "cheap"}, 60 * 100 * 9)
    assert "rehearsal-small may do" in one.why


@pytest.mark.parametrize("why", ["failing", "rare", "ruled", "as dear", "not in use", "two tiers less"])
def test_none_is_proposed_for_what_fails_is_rare_is_ruled_or_would_save_nothing(cast: Cast, why: str) -> None:
    if why == "ruled":
        set_policy(
            cast.team, statement="S", rules={"model_rules": [{"role": "*", "tier": "premium"}]}, actor=cast.chief
        )
    if why == "not in use":
        Model.objects.filter(name=SMALL).update(is_active=False)
    if why == "two tiers less":
        Model.objects.filter(name=LARGE).update(tier="premium")
    if why == "as dear":
        Price.objects.update(input_micros=10 * 10**6)
    month(cast, 10 if why == "rare" else 60, tokens_in=100, state="failed" if why == "failing" else "confirmed")
    assert proposed(reviewed(cast)) == {}


def asked(role: str = "writer", micros: int = 60_000, **changes: Any) -> Asked:
    given: dict[str, Any] = {"agent": "refund-agent", "model": LARGE, "currency": "USD", "calls": 60, "failed": 0}
    given |= {"tokens_in": 6_000, "tokens_out": 0, "p50_tokens": 100, "p95_tokens": 100}
    return Asked(role=role, cost_micros=micros, **given | changes)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([asked(""), asked("judge", 70_000)], [("judge", "cheap")]),
        ([asked("judge", 91_000, failed=60), asked("scout", 9_000)], []),
        ([asked("judge", 90_000, failed=60), asked("scout", 10_000)], [("scout", "cheap")]),
        ([asked("scout"), asked("judge", 70_000)], [("judge", "cheap"), ("scout", "cheap")]),
        ([asked("scout", 600_000, model="best")], [("scout", "standard")]),
        ([asked("scout", p95_tokens=901, model=SMALL)], [("scout", 1_000)]),
    ],
    ids=["no role", "less than a tenth", "a tenth", "the most first", "one tier less", "in hundreds"],
)
def test_what_is_proposed_of_whose_calls(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, rows: list[Asked], expected: list[tuple[str, object]]
) -> None:
    best = Model.objects.create(team=cast.team, provider="p", name="best", tier="premium")
    Price.objects.create(model=best, input_micros=10**8, output_micros=10**8, since="2020-01-01")
    old = Model.objects.get(name=SMALL)
    Price.objects.create(model=old, input_micros=10**9, output_micros=10**9, since="2019-01-01")
    monkeypatch.setattr(Month, "asked", lambda self: rows)
    changes = [one.change for one in proposals(Month(cast.team, dt.date(2026, 10, 1)), {})]
    assert [(one["role"], one.get("tier", one.get("most"))) for one in changes] == expected


def test_calls_far_longer_than_usual_get_a_limit_proposed_unless_one_holds(cast: Cast) -> None:
    month(cast)
    found = proposed(reviewed(cast))
    assert found["token_limit"].change == {"agent": cast.agent.slug, "role": "writer", "most": 900}
    CostReview.objects.all().delete()
    limits = [{"agent": "*", "role": "*", "most": 800}]
    set_policy(cast.team, statement="S", rules={"token_limits": limits}, actor=cast.chief)
    assert "token_limit" not in proposed(reviewed(cast))


def test_a_tool_that_lay_idle_all_month_may_be_taken_away(cast: Cast) -> None:
    month(cast, calls=1, tokens_in=1)
    for tool in ("calculate", "get_order_details", "get_user_details"):
        grant_tool(cast.agent, tool=tool, terms=Terms(), actor=cast.owner)
    ToolGrant.objects.update(granted_at=IN_OCTOBER - dt.timedelta(days=40))
    ToolGrant.objects.filter(tool="get_user_details").update(granted_at=IN_OCTOBER)
    other = make_agent(cast.team, "other", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    for key, agent, tool, days in (
        ("used", cast.agent, "calculate", 0),
        ("by another", other, "get_order_details", 0),
        ("before", cast.agent, "get_order_details", -31),
        ("after", cast.agent, "get_order_details", 31),
    ):
        at = IN_OCTOBER + dt.timedelta(days=days)
        ToolUse.objects.create(run=Run.objects.get(), step_key=key, agent=agent, tool=tool, at=at)
    one = proposed(reviewed(cast))["unused_tool"]
    assert one.change == {"agent": cast.agent.slug, "tool": "get_order_details"}
    with pytest.raises(NotAllowed):
        dismiss_adjustment(one, actor=cast.owner)
    accept_adjustment(one, actor=cast.chief)
    assert set(ToolGrant.objects.values_list("tool", flat=True)) == {"calculate", "get_user_details"}


def test_accepted_it_goes_before_the_policy_s_other_rules_and_is_decided_once(cast: Cast) -> None:
    held = [{"role": "scout", "tier": "cheap"}]
    set_policy(cast.team, statement="What holds.", rules={"model_rules": held, "exclamations": 0}, actor=cast.chief)
    month(cast, tokens_in=100)
    one = proposed(reviewed(cast))["cheaper_model"]
    with pytest.raises(NotAllowed):
        accept_adjustment(one, actor=cast.owner)
    done = accept_adjustment(one, actor=cast.chief)
    version = policy(cast.team.pk)
    assert version is not None
    assert (version.rules["model_rules"], version.rules["exclamations"]) == ([one.change, *held], 0)
    assert (version.statement, done.state, done.decided_by) == ("What holds.", "taken", cast.chief)
    with pytest.raises(Conflict):
        dismiss_adjustment(one, actor=cast.chief)


def test_the_policy_is_read_under_the_lock_it_is_changed_under(cast: Cast) -> None:
    month(cast, tokens_in=100)
    one = proposed(reviewed(cast))["cheaper_model"]
    with CaptureQueriesContext(connection) as asked:
        accept_adjustment(one, actor=cast.chief)
    said = [each["sql"] for each in asked]
    locks = [place for place, sql in enumerate(said) if 'FROM "people_team"' in sql and "FOR NO KEY UPDATE" in sql]
    reads = [place for place, sql in enumerate(said) if sql.startswith("SELECT") and '"fleet_policyversion"' in sql]
    assert locks[0] < reads[0]


def test_the_page_shows_both_months_and_takes_the_decision(cast: Cast, sign_in: SignIn) -> None:
    assert "No month has been reviewed yet" in sign_in(cast.chief).get("/kpis/costs/").content.decode()
    month(cast)
    one = proposed(reviewed(cast))["token_limit"]
    reader = sign_in(cast.auditor)
    text = reader.get("/kpis/costs/?month=2026-10").content.decode()
    assert ("refund-agent/writer: 900" in text, "Accept refund" in text) == (True, False)
    assert reader.post(f"/kpis/costs/{one.pk}/accept/").status_code == 403
    chief = sign_in(cast.chief)
    assert "Accept refund-agent/writer: 900" in chief.get("/kpis/costs/").content.decode()
    text = chief.post(f"/kpis/costs/{one.pk}/dismiss/", follow=True).content.decode()
    assert "Dismissed: nothing changes." in text
    assert policy(cast.team.pk) is None or "token_limits" not in policy(cast.team.pk).rules  # type: ignore[union-attr]
    assert sign_in(cast.owner).get("/kpis/costs/").status_code == 403


def test_a_use_case_whose_vendor_tells_no_price_was_not_free(cast: Cast, sign_in: SignIn) -> None:
    month(cast, calls=1, tokens_in=0)
    month(cast, calls=2, tokens_in=0, use_case="outreach")
    Run.objects.filter(steps__use_case="outreach").update(source="sync:monaco")
    found = {one["use_case"]: one["cost_micros"] for one in reviewed(cast).figures["usage"]}
    assert (found, list(found)[-1]) == ({"refunds": 0, "outreach": None}, "outreach")
    assert sign_in(cast.chief).get("/kpis/costs/").content.decode().count("not told") == 1


def test_a_machine_reads_reviews_and_decides(cast: Cast, machine: MakeMachine) -> None:
    month(cast)
    one = proposed(reviewed(cast))["cheaper_model"]
    caller = machine("chief")
    status, page = caller.get("/cost-reviews")
    assert (status, page["items"][0]["month"], len(page["items"][0]["adjustments"])) == (200, "2026-10-01", 2)
    status, said = caller.post(f"/adjustments/{one.pk}/accept")
    assert (status, said["state"], said["decided_by"]) == (200, "taken", cast.chief.email)
    assert machine("rival").post(f"/adjustments/{one.pk}/dismiss")[0] == 404

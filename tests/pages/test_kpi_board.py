"""The KPI board: every figure from rows, against its target, by day and by part; and its export."""

import datetime as dt
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.enums import Function
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion, KpiPoint, KpiTarget
from agents.fleet.permissions import sync_grants
from agents.runs.actions import decide, raise_exception
from agents.runs.enums import DecisionKind as K
from agents.runs.enums import ExceptionKind, FoundBy, RunState, StepState
from agents.runs.models import Flaw, Run, Step
from audit.models import AuditEvent
from console.kpis.board import Board, board
from console.kpis.functions import SETS, compared
from console.kpis.hops import hops
from console.kpis.scope import RAN, By, Scope
from tests.cast import Cast
from tests.morning.stage import analyze, ran
from tests.morning.test_queue import fleet_of
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, REFUND, an_approval

# Session, person, team, sidebar; five of counts, targets, targets of agents, names, hops, agents and flows to choose.
QUERIES = 15
SEQ = count(1)


def today() -> dt.date:
    return timezone.now().date()


def noon(ago: int = 0) -> dt.datetime:
    """Of a day that lies whole in the period, wherever the clock stands."""
    return dt.datetime.combine(today() - dt.timedelta(days=ago), dt.time(12), dt.UTC)


def one(agent: Agent, minutes: float = 1, ago: int = 1, **fields: object) -> Run:
    end = noon(ago)
    start = end - dt.timedelta(minutes=minutes)
    return ran(agent, end, **{"created_at": start, "started_at": start, "cost_micros": 200_000, **fields})


def did(run: Run, node: str, ms: int, **fields: object) -> Step:
    number = next(SEQ)
    values = {
        "key": f"{node}/{number}",
        "kind": "role",
        "state": StepState.CONFIRMED,
        "tries": 1,
        "latency_ms": ms,
        **fields,
    }
    return Step.objects.create(run=run, visit=number, seq=number, node=node, **values)


def test_an_open_board_reads_its_figures_again_and_nothing_else(
    cast: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one(cast.agent)
    client = sign_in(cast.owner)
    assert 'hx-get="/kpis/?days=7" hx-trigger="every 60s"' in client.get("/kpis/?days=7").content.decode()
    with django_assert_num_queries(11):  # without steps by node, agents and flows to choose, which it does not show
        before = client.get("/kpis/?days=7", headers={"HX-Request": "true"}).content.decode()
    one(cast.agent, cost_micros=1_000_000)
    after = client.get("/kpis/?days=7", headers={"HX-Request": "true"}).content.decode()
    assert ("<h1>" in before, before.startswith('<div class="needs">')) == (False, True)
    assert before != after


def test_the_planner_knows_that_runs_are_many(cast: Cast) -> None:
    """Of one agent's, as it would guess, it compares every run with each judged step."""
    agents = fleet_of(cast, 20)
    Run.objects.bulk_create(Run(agent=agents[n % 20], created_at=noon(1 + n // 150)) for n in range(3000))
    analyze()
    with connection.cursor() as cursor:
        runs = RAN.format(part="''") + "SELECT * FROM ran"
        cursor.execute("EXPLAIN (FORMAT JSON) " + runs, Scope(cast.owner, cast.team, today()).params())
        [[found]] = cursor.fetchone()
    assert 1000 <= found["Plan"]["Plan Rows"] <= 10_000


def told(cast: Cast, **narrowed: object) -> Board:
    return board(Scope(cast.owner, cast.team, today(), 7, **narrowed))  # type: ignore[arg-type]


def values(found: Board) -> dict[str, float]:
    return {key: round(figure.value, 3) for key, figure in found.figures.items() if figure.value is not None}


@pytest.fixture
def version(cast: Cast) -> FlowVersion:
    """A flow whose node `answer` has a second, used by the agent for tickets."""
    flow = Flow.objects.create(team=cast.team, slug="triage", name="Triage", pattern="router")
    graph = {"nodes": [{"name": "answer", "latency_ms": 1000}, {"name": "look", "latency_ms": 0}]}
    found = FlowVersion.objects.create(flow=flow, number=2, graph=graph)
    caps = {"run_cap_micros": 1, "day_cap_micros": 1}
    Assignment.objects.create(agent=cast.agent, flow_version=found, use_case="tickets", **caps)
    return found


def test_figures_are_told_from_runs(cast: Cast) -> None:
    for minutes in (2, 4, 6):
        one(cast.agent, minutes)
    failed = one(cast.agent, 1, state=RunState.FAILED)
    raise_exception(cast.agent, run=failed, kind=ExceptionKind.FAILURE, title="It broke")
    wrong = one(cast.agent, 4, ago=2)
    Flaw.objects.create(agent=cast.agent, run=wrong, found_by=FoundBy.PERSON)
    raise_exception(cast.agent, run=wrong, kind=ExceptionKind.HANDOFF, title="Call back")
    one(cast.agent, 8, ago=9)
    found = told(cast)
    assert values(found) == {
        "time_to_resolution": 4, "resolution_rate": 80, "deflection_rate": 60, "success_rate": 60,
        "escalation_rate": 40, "csat_proxy": 60, "cycle_time": 240,
        "cycle_time_p95": 336, "cycle_time_p99": 355.2, "cost_per_run": 0.2,
        "spend": 0.143, "runs": 0.714,
    }  # fmt: skip
    figure = found.figures["time_to_resolution"]
    assert (figure.earlier, figure.better) == (8, True)
    assert found.figures["runs"].earlier == pytest.approx(1 / 3), "a day of those since the first run, not of all seven"
    assert "first_contact_resolution" in [kpi.key for kpi in found.untold]
    assert [(day, value.value) for day, value in figure.days.items()] == [
        (noon(2).date(), 4),
        (noon(1).date(), 4),
    ]
    low, high = found.figures["success_rate"].between or (0, 0)
    assert (round(low, 1), round(high, 1), found.figures["success_rate"].sample) == (14.7, 94.7, 5)


def test_fields_that_people_left_as_they_were_tell_how_well_an_agent_fills_in_calls(cast: Cast) -> None:
    edited = {**REFUND, "arguments": {"order": 88214, "reason": HOSTILE}}
    for kind, payload in ((K.APPROVE, None), (K.EDIT, edited), (K.REJECT, None)):
        asked = an_approval(cast.agent, one(cast.agent, state=RunState.WAITING))
        decide(
            asked.item,
            actor=cast.owner,
            kind=kind,
            payload=payload,
            note="as it should be",
            proposal_sha256=asked.proposal_sha256,
            idempotency_key=kind,
        )
    figure = told(cast).figures["extraction_accuracy"]
    assert (figure.sample, figure.value) == (4, 75)


def test_a_department_sees_first_what_it_is_measured_by(cast: Cast, sign_in: SignIn) -> None:
    one(cast.agent)
    assert next(iter(told(cast, function=cast.agent.function).figures)) == SETS[cast.agent.function][0]
    assert set(told(cast, function=cast.agent.function).figures) == set(told(cast).figures)
    client = sign_in(cast.owner)
    assert "Other figures" in client.get(f"/kpis/?function={cast.agent.function}").content.decode()
    assert "Other figures" not in client.get("/kpis/").content.decode()


def test_every_department_is_measured_by_something(cast: Cast) -> None:
    assert set(SETS) == set(Function)
    assert all(len(compared(function)) > 3 for function in Function)


def test_a_person_whose_wait_was_never_timed_is_a_hop_without_times(cast: Cast, version: FlowVersion) -> None:
    did(one(cast.agent, flow_version=version), "escalate", 0, kind="person")
    [hop] = hops(Scope(cast.owner, cast.team, today(), 7))
    assert (hop.node, hop.percentiles, hop.share) == ("escalate", [0, 0, 0], 0)


def test_steps_tell_latency_retries_refusals_and_cost(cast: Cast, version: FlowVersion) -> None:
    run = one(cast.agent, flow_version=version)
    did(run, "answer", 400, cost_micros=30_000)
    did(run, "answer", 1_600, tries=2, cost_micros=10_000)
    did(run, "look", 1_000, kind="tool")
    did(run, "look", 90_000, key="look/1/call", kind="tool")  # inside: its node's time holds its time
    did(run, "person", 9_000_000, kind="person", started_at=noon(1), finished_at=noon(1) + dt.timedelta(minutes=5))
    did(run, "verify", 1_000, kind="judge", output={"publishable": False, "text_sha256": "a", "verdicts": []})
    did(run, "verify", 1_000, kind="judge", output={"publishable": True, "text_sha256": "b", "verdicts": []})
    found = told(cast)
    assert {
        key: values(found)[key]
        for key in ("latency_p50", "retry_rate", "guardrail_hit_rate", "hop_targets_met", "cost_per_step")
    } == {
        "latency_p50": 1,
        "retry_rate": 16.667,
        "guardrail_hit_rate": 50,
        "hop_targets_met": 50,
        "cost_per_step": 0.007,
    }
    waited, answered, *_others = hops(found.scope)
    assert (waited.node, waited.percentiles[0], waited.met_share) == ("person", 300_000, None)
    assert (answered.flow, answered.node, answered.visits, answered.retried) == ("triage", "answer", 2, 1)
    assert (answered.percentiles, answered.met_share, answered.target_ms) == ([1000, 1540, 1588], 0.5, 1000)
    assert sum(hop.share for hop in hops(found.scope)) == pytest.approx(1)


def test_a_scope_counts_only_what_is_in_it(cast: Cast, version: FlowVersion) -> None:
    one(cast.agent, flow_version=version)
    one(cast.agent)
    one(cast.rival_agent)
    KpiPoint.objects.create(agent=cast.agent, key="meetings", day=noon(1).date(), value=14)
    for narrowed, runs in (
        ({}, 2), ({"agent": cast.agent.slug}, 2), ({"flow": "triage"}, 1), ({"flow": "other"}, 0),
        ({"use_case": "tickets"}, 2), ({"use_case": "other"}, 0), ({"function": cast.agent.function}, 2),
    ):  # fmt: skip
        found = told(cast, **narrowed)
        counted = found.figures["runs"].sample if "runs" in found.figures else 0
        assert counted == runs, narrowed
        assert values(found).get("meetings") == (2 if runs else None), narrowed


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        (By.AGENT, {"refund-agent": 2}),
        (By.FLOW, {"triage": 1, "": 1}),
        (By.VERSION, {"triage v2": 1, "": 1}),
        (By.USE_CASE, {"tickets": 2}),
    ],
    ids=[By.AGENT, By.FLOW, By.VERSION, By.USE_CASE],
)
def test_parts_are_compared(cast: Cast, version: FlowVersion, by: By, parts: dict[str, int]) -> None:
    one(cast.agent, flow_version=version)
    one(cast.agent)
    assert {part.key: part.values["resolution_rate"].sample for part in told(cast, by=by).parts} == parts


def test_a_target_marks_the_days_that_miss_it(cast: Cast) -> None:
    KpiTarget.objects.create(agent=cast.agent, key="time_to_resolution", target=5, better="lower")
    one(cast.agent, 4, ago=2)
    one(cast.agent, 9, ago=1)
    found = told(cast)
    figure = found.figures["time_to_resolution"]
    assert (figure.limit, figure.value, figure.missed, figure.breaches) == (5, 6.5, True, 1)
    assert found.parts[0].values["time_to_resolution"].missed


def test_a_most_that_only_some_agents_have_does_not_hold_for_all(cast: Cast) -> None:
    other = Agent.objects.create(team=cast.team, slug="other", name="Other")
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=Decimal("0.1"), better="lower")
    sync_grants(Agent.objects.filter(pk=other.pk))
    scope = Scope(cast.chief, cast.team, today(), 7)
    one(cast.agent)
    one(other)
    assert board(scope).figures["spend"].limit is None
    assert told(cast, agent=cast.agent.slug).figures["spend"].limit == 0.1


def test_the_page_draws_a_curve_with_its_table_and_links_to_the_runs(
    cast: Cast, sign_in: SignIn, version: FlowVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = one(cast.agent, 9, flow_version=version, title="Ticket 17")
    did(run, "answer", 10)
    client = sign_in(cast.owner)
    client.get("/kpis/")
    with django_assert_num_queries(QUERIES):
        page = client.get("/kpis/?days=7").content.decode()
    assert '"meta": "value"' in page
    assert ">Time to resolution</h2>" in page
    day = noon(1).date().isoformat()
    link = f"/runs/?first={day}&amp;last={day}"
    assert link in page
    assert "Ticket 17" in client.get(link.replace("&amp;", "&")).content.decode()
    other = noon(2).date().isoformat()
    assert "No run fits" in client.get(f"/runs/?first={other}&last={other}&flow=triage").content.decode()


def test_whoever_sees_no_agent_is_told_so(cast: Cast, sign_in: SignIn) -> None:
    one(cast.agent)
    page = sign_in(cast.manager).get("/kpis/?days=abc&by=nothing&kpi=%00").content.decode()
    assert "Nothing happened in these days" in page


def test_the_export_says_what_the_page_says_and_is_written_down(cast: Cast, sign_in: SignIn) -> None:
    one(cast.agent, 4)
    KpiPoint.objects.create(agent=cast.agent, key="=cmd", day=noon(1).date(), value=7)
    response = sign_in(cast.owner).get("/kpis/export.csv?days=7")
    lines = response.content.decode().splitlines()
    assert lines[0].startswith("kpi,unit,of,value")
    assert "resolution_rate,%,,100,1,2.5,100,," in lines
    assert f"time_to_resolution,min,{noon(1).date()},4,1,,,," in lines
    assert f"time_to_resolution,min,{cast.agent.slug},4,1,,,," in lines
    assert any(line.startswith("'=cmd,") for line in lines)
    assert AuditEvent.objects.filter(verb="kpis.exported").count() == 1


def test_what_a_vendor_tells_no_price_of_was_not_free(cast: Cast, sign_in: SignIn) -> None:
    did(one(cast.agent, source="sync:monaco", cost_micros=0), "look", 10)
    client = sign_in(cast.leadership)
    found = told(cast).figures
    assert not {"spend", "cost_per_run", "cost_per_step"} & found.keys()
    assert [hop.cost_micros for hop in hops(Scope(cast.owner, cast.team, today(), 7))] == [None]
    board, report = (client.get(f"/kpis/{page}?days=7").content.decode() for page in ("", "report/"))
    assert ("$0" in board + report, "not told" in board, report.count("not told")) == (False, True, 3)
    assert client.get("/kpis/report.csv?days=7").content.decode().splitlines()[1:] == ["refund agent,,1,1,1,0,0,,"]
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=1, better="lower")
    [card] = [each for each in client.get("/kpis/?days=7").content.decode().split("<a ") if "spend a day<span" in each]
    assert ("<b>–</b>" in card, "≤ $1.00" in card, "met" in card) == (True, True, False), "nobody knows whether it is"
    did(one(cast.agent, cost_micros=300_000), "look", 10, cost_micros=100_000)
    seen = values(told(cast))
    assert (seen["spend"], seen["cost_per_run"], seen["cost_per_step"]) == (0.043, 0.3, 0.1), "of what is told"
    assert [hop.cost_micros for hop in hops(Scope(cast.owner, cast.team, today(), 7))] == [100_000]
    did(one(cast.agent, source="sync:monaco", cost_micros=300_000), "write", 10)
    assert values(told(cast))["cost_per_step"] == 0.1, "of a run that says what it cost, a step that does not"
    assert "not told" not in client.get("/kpis/report/?days=7").content.decode().split('id="channels"')[0]


def test_a_cost_is_said_in_the_currency_of_its_runs_and_compared_in_no_other(cast: Cast, sign_in: SignIn) -> None:
    cast.team.currency = "BRL"
    cast.team.save()
    KpiTarget.objects.create(agent=cast.agent, key="cost_per_run", target=1, better="lower")
    did(one(cast.agent, cost_micros=2_000_000), "look", 10, cost_micros=500_000)
    did(one(cast.agent, ago=8, cost_micros=3_000_000, currency="BRL"), "look", 10)
    figure, part = told(cast).figures["cost_per_run"], told(cast).parts[0].values["cost_per_run"]
    for found in (figure, part):
        assert (found.value, found.currency, found.limit, found.missed) == (2, "USD", None, False)
    assert (figure.target, figure.earlier) == (None, None)
    client = sign_in(cast.leadership)
    page = client.get("/kpis/?days=7").content.decode()
    assert ("<b>$2.00</b>" in page, "$0.50</td>" in page, "R$" in page) == (True, True, False)
    assert "cost_per_run,USD,,2,1,,,," in client.get("/kpis/export.csv?days=7").content.decode().splitlines()
    KpiTarget.objects.update(unit="USD")
    assert told(cast).figures["cost_per_run"].missed
    assert told(cast).parts[0].values["cost_per_run"].missed


def test_costs_in_several_currencies_have_no_sum(cast: Cast, sign_in: SignIn) -> None:
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=1, better="lower")
    did(one(cast.agent), "look", 10, cost_micros=100_000)
    did(one(cast.agent, ago=2, currency="EUR"), "look", 10, cost_micros=100_000, currency="EUR")
    found = told(cast)
    spend = found.figures["spend"]
    assert (spend.value, spend.mixed, spend.limit, spend.missed) == (None, True, None, False)
    assert [(each.value, each.currency) for each in spend.days.values()] == [(0.2, "EUR"), (0.2, "USD")]
    assert not {"spend", "cost_per_run"} & {kpi.key for kpi in found.untold}
    page = sign_in(cast.leadership).get("/kpis/?days=7").content.decode()
    assert ("<b>several currencies</b>spend a day" in page, page.count("several currencies")) == (True, 6)

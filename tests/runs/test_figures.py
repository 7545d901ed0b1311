"""How flows fared: counted on the stored steps of the runs one may see."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.fleet.models import Flow, FlowVersion
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from agents.runs.queries.figures import figures
from tests.cast import Cast

ZERO = datetime(2026, 11, 20, 3, tzinfo=UTC)


def a_version(cast: Cast, number: int = 1) -> FlowVersion:
    flow, _made = Flow.objects.get_or_create(team=cast.team, slug="figured", name="Figured", pattern="chain")
    return FlowVersion.objects.create(flow=flow, number=number, graph={})


def a_run(version: FlowVersion, cast: Cast, seconds: float, state: RunState = RunState.DONE) -> Run:
    end = ZERO + timedelta(seconds=seconds)
    return Run.objects.create(
        agent=cast.agent, flow_version=version, state=state, started_at=ZERO, finished_at=end, created_at=ZERO
    )


def a_step(run: Run, key: str, took_ms: int = 0, *, start: float = 0, kind: str = "role", **more: Any) -> Step:
    at = ZERO + timedelta(seconds=start)
    end = at + timedelta(milliseconds=took_ms)
    node = more.pop("node", key.split("/")[0])
    seq = Step.objects.filter(run=run).count() + 1
    latency = 0 if kind == "person" else took_ms
    return Step.objects.create(
        run=run, key=key, node=node, kind=kind, seq=seq, latency_ms=latency, started_at=at, finished_at=end, **more
    )


def test_a_version_s_figures_are_those_of_its_runs_and_steps(cast: Cast) -> None:
    version = a_version(cast)
    for took in range(1, 101):
        run = a_run(version, cast, seconds=took)
        Step.objects.bulk_create(
            [
                Step(
                    run=run,
                    key="write/1",
                    node="write",
                    seq=1,
                    kind="role",
                    latency_ms=took * 10,
                    cost_micros=7,
                    started_at=ZERO,
                    finished_at=ZERO,
                )
            ]
        )
    whole, write = figures(Run.objects.filter(agent=cast.agent))
    assert astuple(whole) == ("figured", 1, "", 100, 50_500, 95_050, 99_010, 0, 0, 0, 0, 700, 0, 0, None)
    assert astuple(write) == ("figured", 1, "write", 100, 505, 950, 990, 0, 0, 0, 0, 700, 0, 0, None)


def test_what_was_tried_again_refused_asked_and_failed_is_counted_where_it_happened(cast: Cast) -> None:
    run = a_run(a_version(cast), cast, seconds=110, state=RunState.FAILED)
    a_step(run, "write/1", 400, tries=3, cost_micros=5)
    a_step(run, "verify/1", 10, output={"publishable": False, "verdicts": []})
    a_step(run, "write/2", 600, visit=2, cost_micros=6)
    a_step(run, "verify/2", 10, visit=2, output={"publishable": True, "verdicts": []})
    a_step(run, "ask/1", 100_000, kind="person", start=2)
    a_step(run, "send/1", 900, state="failed", start=102)
    found = {one.node: one for one in figures(Run.objects.all())}
    assert [(one.retries, one.refusals, one.asked, one.failed) for one in found.values()] == [
        (2, 1, 1, 1),
        (2, 0, 0, 0),
        (0, 1, 0, 0),
        (0, 0, 1, 0),
        (0, 0, 0, 1),
    ]
    assert found[""].p50_ms == 10_000, "a wait for a person is not the flow's time"
    assert (found["ask"].n, found["ask"].p50_ms, found["write"].cost_micros) == (0, None, 11)


def test_calls_inside_a_node_cost_but_are_no_second_time_and_branches_are_nodes(cast: Cast) -> None:
    run = a_run(a_version(cast), cast, seconds=1)
    a_step(run, "mesh/1/0", 100, cost_micros=3, node="mesh")
    a_step(run, "mesh/1", 250)
    a_step(run, "set/1/b0", 80, node="left", branch="b0")
    a_step(run, "help/1/look/1", 70, node="look")
    found = {one.node: (one.n, one.p99_ms, one.cost_micros) for one in figures(Run.objects.all()) if one.node}
    assert found == {"mesh": (1, 250, 3), "left": (1, 80, 0), "look": (1, 70, 0)}


def test_the_newest_version_comes_first_and_runs_without_a_flow_are_left_out(cast: Cast) -> None:
    for number in (1, 2):
        a_step(a_run(a_version(cast, number), cast, seconds=1), "write/1", 10)
    Run.objects.create(agent=cast.agent, source="api", state=RunState.DONE)
    assert [(one.version, one.node) for one in figures(Run.objects.all())] == [
        (2, ""),
        (2, "write"),
        (1, ""),
        (1, "write"),
    ]
    assert figures(Run.objects.filter(agent=cast.rival_agent)) == []


def test_of_very_many_runs_the_newest_count(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.runs.queries.figures.MOST", 2)
    version = a_version(cast)
    for hours, took in enumerate((100, 20, 30)):
        run = a_run(version, cast, seconds=took)
        Run.objects.filter(pk=run.pk).update(created_at=ZERO + timedelta(hours=hours))
        a_step(run, "write/1", 10)
    assert [(one.n, one.p99_ms) for one in figures(Run.objects.all())] == [(2, 29_900), (2, 10)]


def test_a_flow_s_multiplier_is_the_mean_of_its_runs_tokens_over_those_of_their_last_call(cast: Cast) -> None:
    version = a_version(cast)
    for tokens in ((10, 90, 100), (300, 100), (50,), ()):
        run = a_run(version, cast, 1)
        a_step(run, "look/1", 10)
        for number, n in enumerate(tokens, start=1):
            a_step(run, f"write/{number}", 10, visit=number, tokens_in=n - 5, tokens_out=5)
    whole, *nodes = figures(Run.objects.all())
    assert (whole.multiplier, {one.multiplier for one in nodes}) == (3.0, {None})
    assert (whole.is_many, whole.is_too_many) == (False, False)

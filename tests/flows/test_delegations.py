"""Who was set to work, by whom, on what, why; and what nothing rests on."""

import pytest

from agents.runs.lineage import lineage
from agents.runs.models import Run, Step
from agents.runs.queries.activations import activations
from agents.runs.queries.delegations import Delegation, delegations
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, finding
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["machine", "sign_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
NOBODY = {"reply": "Mine.", "handoff": "nobody", "why": "It is mine."}
SCORED = {"score": 0.6, "heat": "hot", "finding": "It is so."}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def found(run: Run) -> dict[str, Delegation]:
    assert run.flow_version
    rows = lineage(run.flow_version.graph, list(run.steps.order_by("seq")))
    return {one.to: one for one in delegations(rows, run.outputs.all())}


def test_a_handoff_copies_what_the_next_one_reads_and_says_how_much_from_which_sources(bench: Bench) -> None:
    bench.says(finding("yes"), SCORED)
    told = found(bench.run("lead-validation", "Does a refund arrive by Monday?"))
    assert list(told) == ["triage", "resolve"]  # looking something up sets nobody to work
    first, last = told["triage"], told["resolve"]
    assert (first.by, first.given, first.sources) == ([], ["input"], [])
    assert (last.by, last.given, last.sources) == (["enrich", "triage"], ["enrich", "input", "triage"], ["refunds.md"])
    assert 30 < first.chars < last.chars < 1000
    assert (first.used, last.used) == (True, True)


def test_whoever_hands_over_names_whom_and_why_and_whose_work_nobody_read_is_counted(
    cast: Cast, bench: Bench, sign_in: SignIn
) -> None:
    bench.says(NOBODY | {"handoff": "accounts", "why": "They know."}, NOBODY)
    run = bench.run("swarm")
    told = found(run)
    assert told["accounts"].by == ["desk"]
    assert told["accounts"].step.reason.startswith("handed to accounts")
    assert (told["accounts"].used, told["desk"].used) == (True, True)
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    assert "2 activations: who was set to work, on what and why" in page
    assert "nothing rests on" not in page


def test_what_no_end_reads_was_not_needed(cast: Cast, bench: Bench, sign_in: SignIn) -> None:
    bench.says(finding("yes"), SCORED)
    run = bench.run("lead-validation", "Does a refund arrive by Monday?")
    version = run.flow_version
    assert version
    nodes = [one | {"reads": ["input"]} if one["name"] == "resolve" else one for one in version.graph["nodes"]]
    version.graph = version.graph | {"nodes": nodes}
    version.save()
    assert {name: one.used for name, one in found(run).items()} == {"triage": False, "resolve": True}
    assert "nothing rests on 1 of them" in sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()


def test_a_flow_s_page_counts_what_was_not_needed_node_by_node(
    cast: Cast, bench: Bench, sign_in: SignIn, machine: MakeMachine
) -> None:
    for _ in range(2):
        bench.says(finding("yes"), SCORED)
        run = bench.run("lead-validation", "Does a refund arrive by Monday?")
    version = run.flow_version
    assert version
    nodes = [one | {"reads": ["input"]} if one["name"] == "resolve" else one for one in version.graph["nodes"]]
    version.graph = version.graph | {"nodes": nodes}
    version.save()
    cost = sum(step.cost_micros for step in Step.objects.filter(node="triage"))
    told = [(one.node, one.n, one.unneeded, one.wasted_micros) for one in activations(Run.objects.all())]
    assert told == [("", 4, 2, cost), ("triage", 2, 2, cost), ("resolve", 2, 0, 0)]
    assert 'id="activations"' in sign_in(cast.owner).get("/flows/lead-validation/").content.decode()
    _status, whole = machine("owner").get("/flows/lead-validation/activations")
    assert whole[0] == {"node": "", "n": 4, "unneeded": 2, "percent": 50.0, "wasted_micros": cost}
    assert activations(Run.objects.filter(agent=cast.rival_agent)) == []

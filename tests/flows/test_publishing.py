"""One door for whatever leaves: no flow of the library publishes what a guardrail refuses and nobody released."""

from uuid import UUID

import pytest

from agents.engine import Graph, StepFault, digest
from agents.fleet.actions import freeze_agent, freeze_team, thaw_agent, thaw_team
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent, AgentOwner, PolicyVersion
from agents.flows.actions import try_flow
from agents.flows.catalog import LIBRARY, recipe
from agents.runs import transitions
from agents.runs.actions import sweep, thawing
from agents.runs.enums import DecisionKind, RunState
from agents.runs.execution import finish
from agents.runs.execution.claim import claim
from agents.runs.guards.rules import NOT_LIVE
from agents.runs.lineage import lineage
from agents.runs.models import Output, Run, RunException
from agents.runs.queries.explain import answers
from agents.runs.services import services_for
from audit.models import AuditEvent
from tests.cast import Cast
from tests.flows.library import Bench, bench_of
from tests.morning.stage import ago
from tests.pages.conftest import SignIn, sign_in
from tests.pages.stage import a_run
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["sign_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
NOTHING_PASSES = {"longest_reply": 1}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def writes(graph: Graph) -> bool:
    return any(node.effect.changes_the_world or (node.flow and writes(node.flow)) for node in graph.nodes)


PUBLISHING = [one.slug for one in LIBRARY if writes(one.graph)]


def test_these_flows_publish_or_change_something() -> None:
    business = ["omnichannel", "lead-letter", "account-question", "distillation"]
    shipped = ["triage", *business, "state-graph", "gate", "trainer", "retail"]
    assert shipped == PUBLISHING


@pytest.mark.parametrize("slug", PUBLISHING)
def test_what_a_guardrail_refuses_is_not_published(cast: Cast, bench: Bench, slug: str) -> None:
    PolicyVersion.objects.create(team=cast.team, number=99, statement="Nothing passes.", rules=NOTHING_PASSES)
    run = bench.run(slug, **recipe(slug).example)
    assert run.state in ("waiting", "failed")
    assert not Output.objects.exists()


@pytest.mark.parametrize("slug", ["triage", "omnichannel", "account-question", "state-graph"])
def test_what_leaves_names_the_policy_that_checked_it_and_the_passages_it_cites(
    cast: Cast, bench: Bench, slug: str
) -> None:
    PolicyVersion.objects.create(team=cast.team, number=7, statement="Nothing more.", rules={})
    run = bench.run(slug, **{**recipe(slug).example, "text": "How many working days until refunds arrive?"})
    assert run.flow_version
    steps = list(run.steps.order_by("seq"))
    [why] = answers(lineage(run.flow_version.graph, steps), list(run.outputs.all()), [])
    assert why.output
    cited = [f"p{n}" for n in range(1, 5) if f"[p{n}]" in why.output.content]
    assert (why.policy, why.output.data.get("cited", [])) == (7, cited)
    assert bool(cited) == (slug != "state-graph")
    assert [one["id"] for one in why.passages if cited] == cited


@pytest.mark.parametrize("slug", PUBLISHING)
def test_what_an_agent_writes_that_is_not_live_leaves_only_through_a_person(
    cast: Cast, bench: Bench, slug: str
) -> None:
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.ONBOARDING)
    AgentOwner.objects.filter(agent=cast.agent).exclude(user=cast.owner).delete()
    run = bench.run(slug, **recipe(slug).example)
    assert run.state in ("waiting", "failed")
    assert not Output.objects.exists()


def test_a_person_lets_the_reply_of_an_agent_out_that_waits_for_its_second_owner(cast: Cast, bench: Bench) -> None:
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.ONBOARDING)
    run = bench.run("triage", **recipe("triage").example)
    asked = RunException.objects.get(run=run)
    assert (asked.kind, NOT_LIVE in asked.detail) == ("guardrail", True)
    assert bench.answer(run, DecisionKind.APPROVE).state == "done"
    assert (Output.objects.get().pass_record or {})["released_by"] == "person"


def test_a_run_that_began_while_its_agent_was_live_is_held_at_the_door_once_it_is_not(cast: Cast, bench: Bench) -> None:
    run = claim(try_flow(cast.agent, recipe("triage"), actor=cast.owner, input={"text": "How long?"}).pk)
    assert run is not None
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.ONBOARDING)
    passed = {"publishable": True, "text_sha256": digest("Five days.")}
    with pytest.raises(StepFault, match="not live"):
        services_for(run).outputs.publish("publish/1", kind="reply", content="Five days.", pass_record=passed)


def test_what_is_ready_while_changes_are_frozen_waits_and_leaves_once_they_are_not(cast: Cast, bench: Bench) -> None:
    freeze_agent(cast.agent, reason="Wrong promises", actor=cast.owner)
    run = bench.run("triage", "How many working days until refunds arrive?")
    asked = len(bench.model.calls())
    for _ in range(4):  # more often than a step that fails is tried
        assert (run.state, RunException.objects.count(), Output.objects.count()) == ("queued", 0, 0)
        waits = run.steps.get(node="publish")
        assert (waits.fault, waits.error, waits.tries) == ("frozen", "Changes are frozen: Wrong promises", 0)
        assert bench.go_on(run).state == "queued"  # before its time
        Run.objects.update(run_after=None)
        run = bench.go_on(run)
    thaw_agent(cast.agent, actor=cast.owner)
    assert (bench.go_on(run).state, Output.objects.count(), len(bench.model.calls())) == ("done", 1, asked)


def test_while_nothing_thaws_nobody_is_sent_to_look_and_nothing_is_written(cast: Cast, bench: Bench) -> None:
    freeze_agent(cast.agent, reason="Wrong promises", actor=cast.owner)
    run = bench.run("triage", "How many working days until refunds arrive?")
    told = AuditEvent.objects.count()
    for _look in range(3):
        Run.objects.update(run_after=ago(seconds=1))
        sweep()
        assert bench.go_on(run).state == "queued"
        assert run.run_after
        assert run.run_after > ago(seconds=-240)
    assert AuditEvent.objects.count() == told


def test_it_says_what_it_waits_for_wherever_it_is_listed(cast: Cast, bench: Bench, sign_in: SignIn) -> None:
    freeze_agent(cast.agent, reason="Wrong <i>promises</i>", actor=cast.owner)
    run = bench.run("triage", "How many working days until refunds arrive?")
    client, said = sign_in(cast.owner), "waits until its agent may change things again: Wrong &lt;i&gt;promises"
    paths = (f"/runs/{run.pk}/", "/runs/", f"/agents/{cast.agent.slug}/one-on-one/")
    page, *lists = (client.get(path).content.decode() for path in paths)
    assert [said in each for each in (page, *lists)] == [True] * 3
    assert ("waits for the thaw and goes on by itself then" in page, "minutes from now" in page) == (True, False)
    assert ('id="blast"' in page, ">failed<" in page) == (False, False), "nothing went wrong"
    thaw_agent(cast.agent, actor=cast.owner)
    run.refresh_from_db()
    assert (run.reason, said in client.get("/runs/").content.decode()) == ("", False)


def test_a_thaw_that_comes_while_a_run_is_refused_lets_it_go_on_at_once(
    cast: Cast, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze_agent(cast.agent, reason="Wrong promises", actor=cast.owner)
    woken: list[UUID] = []
    monkeypatch.setattr(transitions, "wake", lambda run_id, queue: woken.append(run_id))
    monkeypatch.setattr(finish, "faultpoint", lambda name: thaw_agent(cast.agent, actor=cast.owner))
    run = bench.run("triage", "How many working days until refunds arrive?")
    assert (run.state, run.run_after, woken[-1:]) == ("queued", None, [run.pk])
    assert (bench.go_on(run).state, Output.objects.count()) == ("done", 1)


def test_a_thaw_wakes_at_once_what_waited_for_just_that(
    cast: Cast, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[UUID] = []
    monkeypatch.setattr(thawing, "wake", lambda run_id, queue: woken.append(run_id))
    freeze_agent(cast.agent, reason="Wrong promises", actor=cast.owner)
    run = bench.run("triage", "How many working days until refunds arrive?")
    later = a_run(cast.agent, RunState.QUEUED, run_after=ago(seconds=-60))
    freeze_team(cast.team, reason="Everything", actor=cast.chief)
    thaw_agent(cast.agent, actor=cast.owner)
    assert (woken, bench.go_on(run).state) == ([], "queued"), "the whole team is frozen yet"
    thaw_team(cast.team, actor=cast.chief)
    assert woken == [run.pk]
    later.refresh_from_db()
    assert (bench.go_on(run).state, later.run_after is None) == ("done", False)

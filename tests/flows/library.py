"""A bench for the flows of the library: what a scripted model says, a run of one flow, and its stored steps."""

import json
from dataclasses import dataclass
from typing import Any

from agents.fleet import actions as fleet
from agents.fleet.models import Agent, PolicyVersion
from agents.flows.actions import equip, try_flow
from agents.flows.catalog import recipe
from agents.flows.recipe import Recipe
from agents.flows.traits import shown
from agents.people.models import User
from agents.runs.actions import decide
from agents.runs.actions.holding import seen_sha256
from agents.runs.enums import DecisionKind
from agents.runs.execution.drive import drive
from agents.runs.models import Run, RunException, Step
from agents.runs.services.answers import KEPT_MINUTES
from tests.cast import Cast
from tests.rehearsal.fixtures import Rehearsal

REFUNDS = "# Refunds\nRefunds arrive within 5 to 10 working days on the card that paid.\n"


def classified(**changes: Any) -> dict[str, Any]:
    """A classifier's answer."""
    found = {"intent": "question", "confidence": 0.9, "wants_human": False, "emotion": "calm", "language": "en"}
    return found | changes


def finding(verdict: str = "yes", said: str = "It is so.") -> dict[str, Any]:
    return {"finding": said, "verdict": verdict}


def tasks(*named: str, tool: str = "none") -> dict[str, Any]:
    return {"tasks": [{"task": one, "tool": tool} for one in named]}


@dataclass
class Bench:
    """One agent that may run any flow, and the model it talks to."""

    agent: Agent
    actor: User
    model: Rehearsal

    def says(self, *replies: Any) -> None:
        """What the model will say, in this order; a dict with `kind` is a way of failing."""
        scripted = [one if "kind" in one else {"kind": "reply", "text": json.dumps(one)} for one in replies]
        self.model.script(scripted)

    def run(self, slug: str, text: str = "Please help me with order 7731.", **given: Any) -> Run:
        return self.try_it(recipe(slug), {"text": text, **given} if text else given)

    def try_it(self, one: Recipe, given: dict[str, Any] | None = None) -> Run:
        """A run of this flow, carried as far as it goes."""
        input = dict(given or one.example)
        return self.go_on(try_flow(self.agent, one, actor=self.actor, input=input, because="The test is of this one."))

    def go_on(self, run: Run) -> Run:
        drive(run.pk)
        run.refresh_from_db()
        return run

    def answer(self, run: Run, kind: DecisionKind, payload: Any = None, cause: str = "") -> Run:
        asked = RunException.objects.get(run=run, state="open")
        decide(
            asked.item,
            actor=self.actor,
            kind=kind,
            payload=payload,
            root_cause=cause,
            idempotency_key=str(asked.pk),
            proposal_sha256=seen_sha256(asked, None),
        )
        return self.go_on(run)


def bench_of(cast: Cast, rehearsal: Rehearsal) -> Bench:
    fleet.add_knowledge(cast.agent, source="refunds.md", text=REFUNDS, actor=cast.owner)
    equip(cast.agent, actor=cast.owner)
    _keep_no_answers(cast)
    return Bench(cast.agent, cast.owner, rehearsal)


def _keep_no_answers(cast: Cast) -> None:
    """Every call is answered from the script, also one that was made before."""
    row = PolicyVersion.objects.get(team=cast.team)
    PolicyVersion.objects.filter(pk=row.pk).update(rules=row.rules | {KEPT_MINUTES: 0})


def keys(run: Run) -> list[str]:
    """Every step of the run in the order it was first written."""
    return list(run.steps.order_by("seq").values_list("key", flat=True))


def shows(run: Run) -> dict[str, list[str]]:
    """What the stored steps show of the flow's pattern: by trait, the keys of the steps, as the run's page has it."""
    assert run.flow_version is not None
    found = shown(run.flow_version.graph, list(run.steps.order_by("seq")))
    return {one.trait: [step.key for step in one.steps] for one in found}


def unseen(run: Run) -> list[str]:
    """The traits of its pattern that the run does not show."""
    return [trait for trait, keys in shows(run).items() if not keys]


def step(run: Run, key: str) -> Step:
    return run.steps.get(key=key)


def prompts(bench: Bench) -> list[str]:
    """What the model was given in each call, in order."""
    return [call["body"]["messages"][-1]["content"] for call in bench.model.calls()]

"""A shop at work: its records, an agent with every tool, a model that wants what it is told to want, and a person."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, TextField
from django.db.models.functions import MD5, Cast
from django.utils import timezone

from agents.engine import Done, MemoryJournal, State, Usage, Waiting, walk
from agents.fleet.actions import Terms, grant_tool
from agents.fleet.models import Agent
from agents.flows.actions import try_flow
from agents.flows.models import Record
from agents.flows.retail.graph import GRAPH, RECIPE
from agents.flows.retail.store import KINDS, load_store
from agents.flows.retail.tools import TOOLS
from agents.people.models import User
from agents.runs.execution.claim import claim
from agents.runs.models import Run
from agents.runs.services import services_for
from agents.runs.services.answers import Answer

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "tau2-retail"
REPLY = "This is settled."
END = {"tool": "", "arguments": {}, "reply": REPLY}
ASKED = "Please help me with my order."
PART = {kind: part for part, kind in KINDS.items()}


def calls(tool: str, **arguments: Any) -> dict[str, Any]:
    """What the model says to use a tool."""
    return {"tool": tool, "arguments": arguments, "reply": ""}


@cache
def read(name: str) -> Any:
    """A file of the benchmark; empty where it is not on this machine."""
    return json.loads((DATA / name).read_text()) if DATA.is_dir() else []


def give_all(agent: Agent, actor: User, terms: Terms = Terms()) -> None:  # noqa: B008 - frozen
    """The agent may use every tool of the shop."""
    for tool in TOOLS:
        grant_tool(agent, tool=tool.slug, terms=terms, actor=actor)


@dataclass
class Script:
    """A model that says these things in this order."""

    said: list[dict[str, Any]]

    def chat(self, tier: Any, messages: Any, **given: Any) -> Answer:
        data = self.said.pop(0)
        return Answer(json.dumps(data), data, "script", Usage("script", tokens_in=1, tokens_out=1))


def talk(agent: Agent, actor: User, said: Sequence[dict[str, Any]]) -> list[Any]:
    """A whole conversation on a claimed run: every call with what came of it. A person lets everything through."""
    run = claim(try_flow(agent, RECIPE, actor=actor, input={"text": ASKED}).pk)
    assert run is not None
    services = replace(services_for(run), models=Script([*said, END]))  # type: ignore[arg-type]
    journal = MemoryJournal()
    while isinstance(outcome := walk(GRAPH, journal, services, State(run.input)), Waiting):
        question = outcome.question
        approved = {"decision": "approve", "proposal": question.proposal, "note": ""}
        given = approved if question.reason == "approval" else {"answer": "I help."}
        journal.answer(question.key, given, at=timezone.now())
    assert isinstance(outcome, Done), outcome
    told = [row.output["history"] for row in journal.rows.values() if row.node in ("look", "act")]
    return max(told, key=len, default=[])


def history(run: Run) -> list[Any]:
    """Every call of a stored run with what came of it."""
    told = [step.output["history"] for step in run.steps.filter(node__in=("look", "act")) if step.output]
    return max(told, key=len, default=[])


def prints(agent: Agent) -> dict[tuple[str, str], str]:
    """A fingerprint of every record of the agent's shop, by part and id."""
    rows = (
        Record.objects.filter(team=agent.team_id)
        .annotate(md5=MD5(Cast(F("body"), TextField())))
        .values_list("kind", "key", "md5")
    )
    return {(PART[kind], key): md5 for kind, key, md5 in rows}


def changed_since(before: dict[tuple[str, str], str], agent: Agent) -> dict[str, dict[str, Any]]:
    """The records that are not as they were, by part and id."""
    found: dict[str, dict[str, Any]] = {}
    for part, key in sorted(dict(prints(agent).items() - before.items())):
        found.setdefault(part, {})[key] = Record.objects.get(team=agent.team_id, kind=KINDS[part], key=key).body
    return found


def carried_out(agent: Agent, actor: User, tasks: Sequence[Any]) -> dict[str, bool]:
    """Each task on the shop as it was loaded: whether records and refusals end as in the benchmark's environment."""
    load_store(agent.team, read("db.json"))
    give_all(agent, actor)
    before = prints(agent)
    return {task["id"]: _as_expected(task, agent, actor, before) for task in tasks}


def _as_expected(task: Any, agent: Agent, actor: User, before: dict[tuple[str, str], str]) -> bool:
    actions = task["evaluation_criteria"]["actions"]
    expected = next(one for one in read("expected.json") if one["task_id"] == task["id"])
    with transaction.atomic():
        told = talk(agent, actor, [calls(one["name"], **one["arguments"]) for one in actions])
        changed = changed_since(before, agent)
        transaction.set_rollback(True)
    refused = [
        [action["action_id"], call["refused"]["text"]]
        for action, call in zip(actions, told, strict=True)
        if "refused" in call
    ]
    return bool(changed == expected["changed"] and refused == expected["errors"])

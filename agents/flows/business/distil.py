"""Prompt distillation: a shorter task for a role, tried on inputs it has answered, promoted where it agrees (R-183).

What the role answered then, under its present prompt, is what the shorter one is held against; nothing changes before a
person has approved it.
"""

import re
from collections.abc import Mapping
from statistics import mean
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Criterion, Effect, Json, Kind, Node, Question, Result, State, StepFault
from agents.engine.prompts import Prompt
from agents.engine.words import words
from agents.flows.parts import (
    ANSWER,
    ESCALATE,
    code,
    flow,
    for_each,
    join,
    model,
    person,
    prompt_of,
    services,
    think,
    way,
)
from agents.flows.patterns.trainer import PROMPT
from agents.flows.pieces import pieces
from agents.flows.recipe import Recipe
from agents.flows.roles import DISTILLER, ROLES, Role
from agents.flows.training import adopt_prompt
from agents.runs.enums import StepState
from agents.runs.models import Step

CASES, LEAST_CASES = 5, 2
"""Inputs it is tried on at most, and at least."""
HOLDS = 0.8
"""The agreement from which quality holds, from 0 to 1."""
NEAR = 0.1
"""How far two numbers may lie apart and still say the same."""
BY_ROLE = {role.slug: role for role in ROLES}
INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["role"],
    "properties": {"role": {"type": "string", "enum": list(BY_ROLE)}},
}
TOO_FEW = phrase("This prompt has answered too little yet to compare with: %(n)s times.")
SHORTER = phrase("a task that is shorter")
TRIED = phrase("agrees by %(percent)s %% with what was answered then")
NOTHING = phrase("No shorter prompt came of the role %(role)s: what now?")
ADOPT = phrase("May this shorter prompt be used? %(before)s characters become %(after)s, agreement %(percent)s %%")


def _role(seen: Mapping[str, Json]) -> Role:
    return BY_ROLE[seen["input"]["role"]]


def keep(context: Context) -> Result:
    """The prompt in force and the newest steps that the agent has answered with it; their texts stay where they are."""
    run, role = services(context).outputs.run, _role(context.input)
    prompt = prompt_of(context, role)
    with services(context).outputs.threads.query():
        made = Step.objects.filter(run__agent=run.agent_id, prompt_version=prompt.version, error="")
        answered = made.filter(state=StepState.CONFIRMED).order_by("-started_at").values_list("pk", flat=True)
        cases = [str(pk) for pk in answered[:CASES]]
    if len(cases) < LEAST_CASES:
        raise StepFault("too_few", TOO_FEW % {"n": len(cases)})
    return Result({"version": prompt.version, "system": prompt.system, "task": prompt.task, "cases": cases})


def shorten(context: Context) -> Result:
    """A shorter task for the same work."""
    return think(context, DISTILLER, task=context.input["keep"]["task"], purpose=_role(context.input).purpose)


def attempt(context: Context) -> Result:
    """What the shorter prompt makes of one input, held against what was answered then."""
    kept, role = context.input["keep"], _role(context.input)
    with services(context).outputs.threads.query():
        before = Step.objects.get(pk=context.input["item"])
    prompt = Prompt(f"{kept['version']}, shorter", kept["system"], context.input["shorten"]["task"])
    given = before.input if isinstance(before.input, dict) else {}
    reply = services(context).models.chat(
        role.tier,
        prompt.messages(**pieces(given)),
        max_tokens=role.max_tokens,
        schema=role.schema,
        cost_limit_micros=context.cost_micros,
        role=role.slug,
    )
    same = round(agreement(before.output, reply.data), 3)
    why = TRIED % {"percent": round(100 * same)}
    return Result({"agreement": same}, reply.because(why), reply.usage(prompt.version))


def agreement(before: Json, after: Json) -> float:
    """How far two answers say the same, from 0 to 1: the mean of an object's parts; of sentences the words of both."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = before.keys() | after.keys()
        return mean(agreement(before.get(name), after.get(name)) for name in names) if names else 1.0
    if isinstance(before, int | float) and isinstance(after, int | float):
        return float(abs(before - after) <= NEAR)
    if isinstance(before, str) and isinstance(after, str) and " " in before.strip():
        one, other = set(words(before)), set(words(after))
        return 2 * len(one & other) / (len(one) + len(other)) if one | other else 1.0
    return float(before == after)


def _weigh(seen: Mapping[str, Json]) -> Json:
    made = [part["output"]["agreement"] for part in seen["tried"].values() if part["output"]]
    same = mean(made) if len(made) == len(seen["tried"]) else 0.0  # what fails on one input does not hold
    before, after = len(seen["keep"]["task"]), len(seen["shorten"]["task"])
    return {"agreement": round(same, 3), "before": before, "after": after, "holds": same >= HOLDS}


def _ask(context: Context) -> Question:
    found, task = context.input["weigh"], context.input["shorten"]["task"]
    told = {"before": found["before"], "after": found["after"], "percent": round(100 * found["agreement"])}
    return Question("approval", ADOPT % told, detail=task, schema=PROMPT, proposal={"task": task})


def _adopt(context: Context) -> Result:
    task = context.input["approve"]["proposal"]["task"]
    return Result({"prompt": adopt_prompt(services(context).outputs.run, _role(context.input).slug, task)})


def _stuck(context: Context) -> Question:
    return Question("question", NOTHING % {"role": context.input["input"]["role"]}, schema=ANSWER)


def _is_shorter(state: State) -> bool:
    """What says nothing, tags aside, is no task."""
    says = words(re.sub(r"<[^>]*>", "", state["shorten"]["task"]))
    return bool(says) and 0 < len(state["shorten"]["task"]) < len(state["keep"]["task"])


TRY: Node = code(
    "try",
    attempt,
    reads=["input", "item", "keep", "shorten"],
    kind=Kind.ROLE,
    effect=Effect.MODEL,
    latency_ms=10_000,
    cost_micros=60_000,
)
GRAPH = flow(
    "distillation",
    phrase("human-in-the-loop gate"),
    [
        code("keep", keep),
        model(DISTILLER, "shorten", reads=["input", "keep"], call=shorten, exit=Criterion(SHORTER, _is_shorter)),
        for_each("tried", TRY, lambda s: s["keep"]["cases"], ["input", "keep", "shorten"]),
        TRY,
        join("weigh", _weigh, ["keep", "shorten", "tried"]),
        person("approve", _ask, ["shorten", "weigh"]),
        code("adopt", _adopt, reads=["input", "approve"], effect=Effect.WRITE, idempotent=True),
        join("refuse", lambda seen: {"refused": True, **seen["weigh"]}, ["weigh"]),
        person(ESCALATE, _stuck, ["input"]),
    ],
    [
        way("keep", "shorten"),
        way("shorten", "tried"),
        way("tried", "weigh"),
        way("weigh", "approve", phrase("quality holds"), lambda s: s["weigh"]["holds"]),
        way("weigh", "refuse", phrase("quality does not hold")),
        way("approve", "adopt", phrase("a person approved it"), lambda s: bool(s["approve"]["proposal"])),
        way("approve", "refuse", phrase("a person refused it")),
    ],
)
RECIPE = Recipe(
    phrase("Shorter prompts"),
    phrase(
        "A role's prompt is shortened and tried on what the role has answered; where it agrees, a person may adopt it."
    ),
    GRAPH,
    (DISTILLER,),
    {"role": "analyst"},
    INPUT,
)

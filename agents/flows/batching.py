"""Several inputs in one call to a model (R-182): what is said to it once need not be said, or paid, for each."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from agents.base.money import MICRO
from agents.base.phrases import phrase
from agents.engine import Context, Effect, Json, Result, StepFault, Usage
from agents.engine.prompts import Prompt
from agents.flows.parts import prompt_of, services, think
from agents.flows.roles import Role, listed, shape
from agents.runs.services.answers import Answer

MOST, MOST_CHARS = 5, 6_000
"""Inputs of one call, and their characters together."""
SEVERAL = (
    "There are several items, each after its number in brackets. Do this for each of them by itself, and give one "
    "result for each with its number."
)
UNUSABLE = ("bad_data", "cut_short", "too_long")
"""Faults of an answer to several inputs that may not meet an answer to one."""
ALL = phrase("all of them at once")
BY_ITSELF = phrase("number %(number)s by itself")
TOGETHER = phrase(
    "%(n)s in one call of %(model)s, which saved %(calls)s calls, about %(tokens)s tokens and %(money)s USD"
)
NOT_TOGETHER = phrase("the answer to all of them was of no use (%(fault)s)")


def batches(texts: Sequence[str]) -> list[dict[str, str]]:
    """The texts by their numbers, in groups that one call takes in."""
    groups: list[dict[str, str]] = []
    for number, text in enumerate(texts, start=1):
        last = groups[-1] if groups else {}
        if not last or len(last) == MOST or sum(map(len, last.values())) + len(text) > MOST_CHARS:
            groups.append({})
        groups[-1][str(number)] = text
    return groups


def think_each(context: Context, role: Role, items: Mapping[str, str]) -> Result:
    """What the role's model says of each item, by number: of all in one call, then by itself of what that left out.

    Each call is a step of its own; what cannot be read is left out. Raises StepFault when no model is to be had.
    """
    found: dict[str, Json] = {}
    if len(items) > 1:
        found = context.call(
            ALL,
            lambda: _together(context, role, items),
            input={"items": dict(items)},
            effect=Effect.MODEL,
            cost_micros=context.cost_micros // 2,
        )["results"]
    left = {number: text for number, text in items.items() if number not in found}
    return Result({"results": found | _singly(context, role, left)})


def _together(context: Context, role: Role, items: Mapping[str, str]) -> Result:
    """One call for all; nothing where its answer is of no use, which an answer to one may still be."""
    prompt = prompt_of(context, role)
    try:
        reply = _asked(context, replace(prompt, task=f"{prompt.task}\n\n{SEVERAL}"), role, items)
    except StepFault as fault:
        if fault.kind not in UNUSABLE:
            raise
        return Result({"results": {}}, NOT_TOGETHER % {"fault": fault.kind}, fault.usage or Usage())
    results = {str(one.pop("number")): one for one in reply.data["results"]}
    saved = _saved(context, prompt, role, items, reply, n=len(results))
    told = {"n": len(results), "model": reply.model, "calls": saved["calls"], "tokens": saved["tokens"]}
    why = reply.because(TOGETHER % (told | {"money": f"{saved['micros'] / MICRO:.6f}"}))
    return Result({"results": results, "batch": saved}, why, reply.usage(prompt.version))


def _asked(context: Context, prompt: Prompt, role: Role, items: Mapping[str, str]) -> Answer:
    number = {"type": "integer", "enum": [int(one) for one in items]}
    each = shape(number=number, **role.schema["properties"])
    return services(context).models.chat(
        role.tier,
        prompt.messages(items=dict(items)),
        max_tokens=role.max_tokens * len(items),
        schema=shape(results=listed(each, len(items))),
        cost_limit_micros=context.cost_micros // 2,
        role=role.slug,
    )


def _singly(context: Context, role: Role, items: Mapping[str, str]) -> dict[str, Json]:
    """Each by a call of its own; without those that fail."""
    alone, found = replace(role, cost_micros=context.cost_micros // (2 * MOST)), dict[str, Json]()
    for number, text in items.items():
        with suppress(StepFault):
            found[number] = context.call(
                BY_ITSELF % {"number": number},
                partial(think, context, alone, item=text),
                input={"item": text},
                effect=Effect.MODEL,
                cost_micros=alone.cost_micros,
            )
    return found


def _saved(context: Context, prompt: Prompt, role: Role, items: Mapping[str, str], reply: Answer, n: int) -> Json:
    """Calls, estimated tokens and micro-units of USD that the `n` answered items would have taken more each alone."""
    models = services(context).models
    apart = sum(models.tokens(prompt.messages(item=text), role.schema) for text in items.values())
    tokens = max(apart * n // len(items) - models.tokens(prompt.messages(items=dict(items)), role.schema), 0)
    try:
        micros = models.price(reply.used.model, tokens, 0)
    except StepFault:  # it calls itself by a name that nobody has priced
        micros = 0
    return {"size": n, "calls": max(n - 1, 0), "tokens": tokens, "micros": micros}

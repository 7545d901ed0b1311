"""A step that asks a model says how sure it is, where the policy asks for it; what is too unsure goes no further."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from agents.base.phrases import phrase
from agents.engine import Json, StepFault
from agents.fleet.policy import STEP_CONFIDENCE
from agents.flows.roles import SHARE, Role
from agents.runs.services import Services
from agents.runs.services.answers import Answer, added
from agents.runs.services.routing import UP

if TYPE_CHECKING:
    from agents.engine.exchange import Messages

ANY_ROLE = "*"
FIELD = "confidence"
SURE = phrase("confidence %(said)s, at least %(least)s is asked")
UNSURE = phrase("confidence %(said)s is below the %(least)s that the policy asks of this step")
ASKED_BETTER = phrase("%(model)s was not sure enough: %(said)s")


def sure_answer(ours: Services, role: Role, messages: "Messages", prompt_version: str) -> Answer:
    """The role's answer. Where the policy asks how sure it is and it is less, of a model of the next tier, once.

    Raises ModelFault, and StepFault `confidence` with the surest answer as `partial` where no answer is sure enough:
    the step then fails, and the flow goes the way it has for that: another route, a person.
    """
    least = least_confidence(ours.policy.rules, role.slug)
    if least is None:
        return _asked(ours, role, messages, role.cost_micros)
    role = replace(role, schema=with_confidence(role.schema))
    found = _asked(ours, role, messages, role.cost_micros)
    if _said(found) < least:
        found = _of_a_better_model(ours, role, messages, found)
    if _said(found) < least:
        words = UNSURE % {"said": f"{_said(found):g}", "least": f"{least:g}"}
        raise StepFault("confidence", words, partial=found.data, usage=found.usage(prompt_version))
    return replace(found, why=found.because(SURE % {"said": f"{_said(found):g}", "least": f"{least:g}"}))


def least_confidence(rules: Mapping[str, Json], role: str) -> float | None:
    """What the policy asks of a step of this role, from 0 to 1; None: nothing."""
    asked = rules.get(STEP_CONFIDENCE, {})
    least = asked.get(role, asked.get(ANY_ROLE))
    return None if least is None else float(least)


def with_confidence(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The same object, which also has to say how sure it is."""
    required = [*schema.get("required", ()), *(() if FIELD in schema.get("required", ()) else (FIELD,))]
    return {**schema, "properties": {FIELD: SHARE, **schema.get("properties", {})}, "required": required}


def _of_a_better_model(ours: Services, role: Role, messages: "Messages", first: Answer) -> Answer:
    """The surer answer of both, with what both cost; the first where no other model is to be had for the rest."""
    above = UP[UP.index(role.tier) + 1 :]
    if not above or ours.models.name(above[0]) == first.model:
        return first
    try:
        second = _asked(ours, role.at(above[0]), messages, role.cost_micros - first.used.cost_micros)
    except StepFault as fault:
        return replace(first, used=added(first.used, fault.usage))
    best = max(first, second, key=_said)
    told = ASKED_BETTER % {"model": first.model, "said": f"{_said(first):g}"}
    both = added(second.used, first.used) if best is second else added(first.used, second.used)
    return replace(best, used=both, why=best.because(told))


def _asked(ours: Services, role: Role, messages: "Messages", most_micros: int) -> Answer:
    return ours.models.chat(
        role.tier,
        messages,
        max_tokens=role.max_tokens,
        schema=role.schema,
        cost_limit_micros=most_micros,
        role=role.slug,
        again=role.kept,
    )


def _said(found: Answer) -> float:
    return float(found.data[FIELD])

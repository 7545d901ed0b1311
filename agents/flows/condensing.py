"""What does not fit a model's window is summarised by a model first, where the policy says so (R-192)."""

import re
from collections.abc import Mapping
from typing import cast

from agents.base.phrases import phrase
from agents.engine import Context, Effect, Json, Result, StepFault, Usage, digest
from agents.engine.prompts import Prompt, piece
from agents.flows.roles import SUMMARISER, Role
from agents.runs.services import Services
from agents.runs.services.fitting import ASKED, OVERFLOW, SUMMARY

MOST = 2
"""Pieces of one call that are summarised, the longest; what is too long even then is shortened by words."""
MARK = re.compile(r"""[\["](p\d+)[\]"]""")
"""A passage's, as text or as JSON."""
SUMMARISED = phrase("a summary of “%(name)s”, which did not fit", "name")
FROM_TO = phrase("from %(before)s to %(after)s characters")
FAILED = phrase("no summary: %(fault)s")


def condensed(context: Context, prompt: Prompt, role: Role, data: Mapping[str, Json]) -> dict[str, Json]:
    """The data, the longest pieces as summaries where `role`'s model could not take them in as they are.

    Each summary is a step of its own that names its sources; what is asked is never summarised.
    """
    ours, given = cast(Services, context.services), dict(data)
    if ours.policy.rules.get(OVERFLOW) != SUMMARY:
        return given
    over = ours.models.overflow(role.tier, prompt.messages(**given), max_tokens=role.max_tokens, role=role.slug)
    longest = sorted((name for name in given if name not in ASKED), key=lambda name: (-len(piece(given[name])), name))
    for name in longest[:MOST]:
        if over > 0:
            said = _summary(context, name, given)
            over -= len(piece(given[name])) - len(said)
            given[name] = said
    return given


def left_micros(context: Context, limit: int) -> int:
    """What its summaries have left of a node's cost limit for the call they were made for; never nothing."""
    return max(limit - context.call.spent_micros, 1)


def _summary(context: Context, name: str, data: Mapping[str, Json]) -> str:
    """Of the piece `name`, or the piece itself where no summary is to be had."""
    text = piece(data[name])
    asked = "\n".join(piece(data[one]) for one in ASKED if one in data)
    found = context.call(
        SUMMARISED % {"name": name},
        lambda: _summarised(context, name, text, asked),
        input={"of": name, "characters": len(text), "sha256": digest(text)},
        effect=Effect.MODEL,
        cost_micros=min(SUMMARISER.cost_micros, left_micros(context, context.cost_micros)),
    )
    return str(found["summary"]) or text


def _summarised(context: Context, name: str, text: str, asked: str) -> Result:
    """The summary with the passages it is made of; "" where there is none, or none that is shorter."""
    ours, told = cast(Services, context.services), {"of": name, "sources": list(dict.fromkeys(MARK.findall(text)))}
    try:
        prompt = ours.prompts.get(SUMMARISER.slug)
        reply = ours.models.chat(
            SUMMARISER.tier,
            prompt.messages(question=asked, text=text),
            max_tokens=SUMMARISER.max_tokens,
            schema=SUMMARISER.schema,
            cost_limit_micros=min(SUMMARISER.cost_micros, context.cost_micros),
            role=SUMMARISER.slug,
        )
    except (LookupError, StepFault) as fault:
        why = FAILED % {"fault": fault.kind if isinstance(fault, StepFault) else "no_prompt"}
        return Result(told | {"summary": ""}, why, getattr(fault, "usage", None) or Usage())
    said = reply.data["summary"]
    why = reply.because(FROM_TO % {"before": len(text), "after": len(said)})
    return Result(told | {"summary": said if len(said) < len(text) else ""}, why, reply.usage(prompt.version))

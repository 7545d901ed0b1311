"""A judge by a rubric: a model scores a text against each criterion, with its reason; the marks are weighed in code."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Criterion, Kind, Node, Result
from agents.flows.parts import model, services, think
from agents.flows.pieces import seen
from agents.flows.roles import SHARE, TEXT, Role, shape
from agents.runs.guards.rubrics import rubric

JUDGED = phrase("every criterion has a mark and a reason")


def judge(role: Role, name: str, *, reads: Sequence[str], **more: Any) -> Node:
    """A node whose output is the rubric's verdict: score, whether that passes, each criterion's mark and its reason."""

    def call(context: Context) -> Result:
        policy = services(context).policy
        held = rubric(policy.rules, policy.number)
        asked = replace(role, schema=shape(**{one.name: shape(score=SHARE, reason=TEXT) for one in held.measures}))
        answer = think(context, asked, **seen(context), rubric=held.in_words())
        return replace(answer, output=held.verdict(answer.output))

    done = Criterion(JUDGED, lambda s: bool(s[name]["criteria"]))
    return model(role, name, reads=reads, kind=Kind.JUDGE, call=call, exit=done, **more)

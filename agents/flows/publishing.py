"""How a text of a flow leaves: once, with the record of what it passed."""

from collections.abc import Callable, Mapping, Sequence

from agents.engine import Context, Effect, Json, Node, Result, State
from agents.engine.guardrails import Draft, Guardrail
from agents.flows.claims import CLAIMS_MICROS, judged_by_meaning
from agents.flows.customers import keep
from agents.flows.parts import Holds, code, services
from agents.flows.pieces import PASSAGES
from agents.runs.guards.rules import CITATION, RECORD


def leaves(
    context: Context, draft: Draft, held: Sequence[Guardrail], *, kind: str = "reply", released: bool, **told: Json
) -> str:
    """The text leaves, once; the id of the output, which names the passages that it cites and whatever is `told`.

    `released`: a person lets it through whatever the guardrails say. The record names the policy version they are of.
    """
    ours = services(context)
    record = judged_by_meaning(context, draft, held).as_json() | {"policy_version": ours.policy.number}
    record |= {"released_by": "person"} if released else {}
    if cited := [mark for mark in draft.passages if f"[{mark}]" in draft.text]:
        told["cited"] = cited
    return ours.outputs.publish(context.key, kind=kind, content=draft.text, pass_record=record, data=told)


def publish(
    text: Callable[[Mapping[str, Json]], str],
    reads: Sequence[str],
    *,
    by_person: Holds,
    held_against: Callable[[Mapping[str, Json]], Sequence[Guardrail]] = lambda seen: (),
    to_customer: bool = False,
) -> Node:
    """A node from which a text leaves; what a guardrail refuses only a person lets through.

    `held_against`: guardrails made of what the node reads, in place of citing passages, as are records that were read.
    `to_customer`: kept for the next message of whoever wrote; the node then reads the run's input.
    """

    def call(context: Context) -> Result:
        draft, ours = text(context.input), services(context)
        sources = held_against(context.input)
        held = [*ours.guardrails, *sources]
        rests_elsewhere = sources or any(one.name == RECORD for one in held)
        kept = [one for one in held if not rests_elsewhere or one.name != CITATION]
        released = by_person(State(outputs=context.input))
        found = leaves(context, Draft(draft, _passages(context.input)), kept, released=released)
        if to_customer:
            keep(context, draft)
        return Result({"output": found})

    return code("publish", call, reads=reads, effect=Effect.WRITE, idempotent=True, cost_micros=CLAIMS_MICROS)


def _passages(parts: Mapping[str, Json]) -> dict[str, str]:
    """What a retriever's node brought among what was read, by its mark."""
    found = [part.get(PASSAGES) for part in parts.values() if isinstance(part, Mapping)]
    return {mark: text for passages in found if isinstance(passages, Mapping) for mark, text in passages.items()}

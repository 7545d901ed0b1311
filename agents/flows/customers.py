"""Whoever wrote: what is known of them when a flow looks something up, and what it keeps for their next message."""

from collections.abc import Mapping
from typing import cast

from agents.engine import Context, Json
from agents.flows.triage.lasting import lasting
from agents.runs.services import Services


def known(context: Context) -> dict[str, Json]:
    """The conversation so far, what is remembered of the customer, and what else of theirs is open; what there is."""
    ours = cast(Services, context.services)
    conversation = ours.conversation.so_far()
    history = ours.memories.recall(besides=[turn["run"] for turn in conversation])
    found = {"conversation": conversation, "history": history, "open_tickets": ours.memories.open_tickets()}
    return {name: value for name, value in found.items() if value}


def at_hand(found: Mapping[str, Json]) -> dict[str, str]:
    """What a writer is told of what is `known`, a line each."""
    told = {
        "conversation": [_turn(one) for one in found.get("conversation", ())],
        "history": [f"{one['at'][:10]}: {one['text']}" for one in found.get("history", ())],
        "open_tickets": [f"{one['at'][:10]} {one['by']}: {one['state']}" for one in found.get("open_tickets", ())],
    }
    return {name: "\n".join(lines) for name, lines in told.items() if lines}


def _turn(one: Mapping[str, str]) -> str:
    done = f" (did: {one['did']})" if "did" in one else ""
    answered = f"\n{one['by']}{done}: {one['answered']}" if "answered" in one else ""
    return f"{one['at'][:16]} customer: {one['asked']}{answered}"


def keep(context: Context, reply: str, about: str = "") -> None:
    """For the customer's next message: what this one was about and was answered, what they prefer and have.

    The node must read the run's input.
    """
    memories, given = cast(Services, context.services).memories, context.input["input"]
    asked, answered = (" ".join(text.split()) for text in (str(given["text"]), reply))
    memories.remember(context.key, f"{about}: {asked[:300]}\nanswered: {answered[:500]}".removeprefix(": "))
    for number, (kind, said) in enumerate(lasting(given)):
        memories.remember(f"{context.key}/{number}", said, kind)

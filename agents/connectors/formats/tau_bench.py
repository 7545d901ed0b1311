"""τ-bench results (Sierra, MIT): conversations of a tool-using agent with its customers.

Reward and the task's own actions and instruction are ground truth: they leave here apart from the run.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agents.base.errors import Refused
from agents.connectors.formats.entries import Entry, array, parsed, text_of

WRITES = ("book", "cancel", "update", "send", "modify", "exchange", "return", "transfer")
"""What the names of tools begin with that change something."""
TRANSFER = "transfer_to_human_agents"
Message = dict[str, Any]


def entries(data: bytes) -> Iterator[Entry]:
    """One a conversation. Raises BadFile."""
    for place, given in enumerate(array(data), start=1):
        try:
            yield Entry(place, _document(given), truth=_truth(given))
        except (Refused, AttributeError, KeyError, TypeError, IndexError):
            yield Entry(place, problem=_("This is not a conversation of τ-bench."))


def _document(given: Any) -> dict[str, Any]:
    told: list[Message] = given["traj"]
    system = [text_of(message["content"]) for message in told if message["role"] == "system"]
    said = [text_of(message["content"]) for message in told if message["role"] == "user"]
    answers = [text_of(message["content"]) for message in told if message["role"] == "assistant"]
    return {
        "external_id": f"tau-{given['task_id']}-{given['trial']}",
        "title": said[0][:200],
        "input": {"text": said[0], "policy": "\n".join(system)},
        "result": next((answer for answer in reversed(answers) if answer), None),
        "steps": [step for place in range(len(told)) for step in _steps(told, place)],
        "asks": [ask for message in told for ask in _handoffs(message)],
    }


def _truth(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != "traj"}


def _steps(told: Sequence[Message], place: int) -> Iterator[dict[str, Any]]:
    message, key = told[place], f"{place:04d}"
    if message["role"] == "user":
        yield {"key": key, "name": "customer", "kind": "message", "output": text_of(message["content"])}
    elif message["role"] == "assistant":
        if words := text_of(message["content"]):
            yield {"key": key, "name": "assistant", "output": words}
        for number, call in enumerate(message.get("tool_calls") or ()):
            yield {"key": f"{key}.{number}", "kind": "tool", **_call(call, told[place + 1 :])}


def _call(call: dict[str, Any], later: Sequence[Message]) -> dict[str, Any]:
    name = call["function"]["name"]
    answers = (text_of(each["content"]) for each in later if each.get("tool_call_id") == call["id"])
    answer = next(answers, None)
    failed = answer is not None and answer.startswith("Error")
    return {
        "name": name[:80],
        "effect": "write" if name.startswith(WRITES) else "read",
        "input": parsed(call["function"]["arguments"]),
        "output": None if answer is None or failed else parsed(answer),
        "error": answer if failed else "",
        "status": "unknown" if answer is None else "failed" if failed else "confirmed",
    }


def _handoffs(message: Message) -> Iterator[dict[str, Any]]:
    for call in message.get("tool_calls") or ():
        if call["function"]["name"] == TRANSFER:
            given = parsed(call["function"]["arguments"])
            summary = str(given.get("summary", "")) if isinstance(given, dict) else ""
            title = _("The customer was handed over to people")
            yield {"id": call["id"], "kind": "handoff", "title": title, "detail": summary, "reason": "transfer"}

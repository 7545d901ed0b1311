"""Who&When (Ming Yin et al., MIT): logs of multi-agent systems, with people's word on who failed and when.

The right answer and the annotation are ground truth: they leave here apart from the run. Steps keep their place in the
log as their key, which is how the annotation names them.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from agents.base.errors import Refused
from agents.connectors.formats.entries import Entry, lines, text_of

SEEN = ("history", "question", "question_ID", "system_prompt", "_file")
"""What the run itself tells; everything else is ground truth."""


def entries(data: bytes) -> Iterator[Entry]:
    """One a line."""
    return (_entry(line) if line.document else line for line in lines(data))


def _entry(line: Entry) -> Entry:
    given = line.document
    try:
        truth = {key: value for key, value in given.items() if key not in SEEN}
        return Entry(line.place, _document(given), line.flags, truth)
    except (Refused, AttributeError, KeyError, TypeError):
        return Entry(line.place, problem=_("This is not a log of Who&When."))


def _document(given: dict[str, Any]) -> dict[str, Any]:
    told = given["history"]
    steps = [_step(place, message) for place, message in enumerate(told)]
    prompts = {"system_prompt": given["system_prompt"]} if "system_prompt" in given else {}
    return {
        "external_id": f"who-and-when-{given.get('_file') or given['question_ID']}",
        "title": given["question"][:200],
        "input": {"text": given["question"], **prompts},
        "result": steps[-1]["output"] if steps else None,
        "steps": steps,
    }


def _step(place: int, message: dict[str, Any]) -> dict[str, Any]:
    name = message.get("name") or message["role"]
    kind = "message" if name == "human" else "tool" if "terminal" in name.lower() else "role"
    return {"key": f"{place:04d}", "name": name[:80], "kind": kind, "output": text_of(message["content"])}

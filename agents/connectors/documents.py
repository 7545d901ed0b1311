"""What adapters share when they tell somebody else's work in the words of `agents.connectors.ingest`."""

from typing import Any

from agents.connectors.contract import Document


def said(name: str, heard: str, answered: str) -> Document:
    """One exchange: what somebody said, and what the agent made of it."""
    return {"name": name, "kind": "message", "input": {"text": heard}, "output": {"text": answered}}


def message(content: str, kind: str = "message") -> list[Document]:
    """What the agent said to somebody, as the run's output, and what came of it; none when it said nothing."""
    return [{"kind": kind, "content": content}] if content else []


def handoff(title: str, detail: str = "") -> list[Document]:
    """The run is over for its agent; a person goes on."""
    return [{"id": "handoff", "kind": "handoff", "title": title, "detail": detail}]


def without_nothing(document: dict[str, Any]) -> Document:
    """Without what nobody said."""
    return {name: value for name, value in document.items() if value not in (None, "", [])}

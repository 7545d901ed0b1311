"""What a run needs of a person, in every framework's words, is one thing here."""

from typing import Any

import pytest

from agents.connectors.ingest.asks import ask_of

CALL = {"tool": "pay", "args": {"eur": 40}}
CASES: list[tuple[dict[str, Any], str, str, Any]] = [
    ({"title": "How much?"}, "question", "How much?", None),
    ({"kind": "approval", "title": "Pay?", "proposal": CALL}, "approval", "Pay?", CALL),
    ({"kind": "confirmation", "title": "Send it?"}, "approval", "Send it?", None),
    (
        {
            "action_request": {"action": "pay", "args": {"eur": 40}},
            "config": {"allow_accept": True},
            "description": "x",
        },
        "approval",
        "pay",
        CALL,
    ),
    (
        {"action_request": {"action": "Ask", "args": {}}, "config": {"allow_accept": False, "allow_edit": False}},
        "question",
        "Ask",
        None,
    ),
    ({"action_requests": [{"name": "pay", "args": {"eur": 40}}], "review_configs": []}, "approval", "pay", [CALL]),
    ({"call_id": "c1", "spec": {"fn": "pay", "kwargs": {"eur": 40}}}, "approval", "pay", CALL),
    ({"call_id": "c1", "spec": {"msg": "Which one?"}}, "question", "Which one?", None),
    (
        {"id": "i", "reason": "tool_call", "message": "Pay?", "toolCallId": "t"},
        "approval",
        "Pay?",
        {"call": "t"},
    ),
    ({"id": "i", "reason": "input_required", "responseSchema": {"type": "string"}}, "question", "input_required", None),
    (
        {"id": "t", "state": "TASK_STATE_INPUT_REQUIRED", "message": {"parts": [{"text": "Which?"}]}},
        "question",
        "Which?",
        None,
    ),
    ({"id": "t", "state": "TASK_STATE_AUTH_REQUIRED"}, "question", "TASK_STATE_AUTH_REQUIRED", None),
]


@pytest.mark.parametrize(("given", "kind", "title", "proposal"), CASES)
def test_every_vocabulary_is_read(given: dict[str, Any], kind: str, title: str, proposal: Any) -> None:
    ask = ask_of(given, 0)
    assert (ask.kind, ask.title, ask.proposal) == (kind, title, proposal)
    assert ask.external_id == str(given.get("id") or given.get("call_id") or "000")


@pytest.mark.parametrize(
    "given",
    [
        7,
        {},
        {"title": ""},
        {"kind": "silence", "title": "x"},
        {"kind": ["approval"], "title": "x"},
        {"action_requests": 7},
        {"spec": None},
        {"state": 1, "id": {}},
        {"kind": "question", "title": "x", "expires_at": "2030-01-01T00:00:00Z"},
    ],
)
def test_nobody_s_words_are_refused(given: Any) -> None:
    with pytest.raises(ValueError):
        ask_of(given, 0)

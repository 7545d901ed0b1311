"""The OpenAI chat completion format: whole answers, stream chunks, usage, errors."""

import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

from agents.rehearsal.prompt import plain
from agents.rehearsal.tools import Reply

Request = Mapping[str, Any]
_PIECE = 24


def tokens(text: str) -> int:
    """Tokens of a text, reckoned as a quarter of its characters, rounded up."""
    return math.ceil(len(text) / 4)


def usage(request: Request, reply: Reply) -> dict[str, int]:
    """Tokens in (the text of all messages) and out (the text, or the tool's name and arguments)."""
    prompt = tokens("".join(plain(message.get("content")) for message in request["messages"]))
    completion = tokens(reply.text + reply.tool + reply.arguments)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def finish(request: Request, reply: Reply) -> tuple[Reply, str]:
    """The reply cut to the request's token limit, and why it ends there."""
    limit = request.get("max_completion_tokens") or request.get("max_tokens")
    if limit and tokens(reply.text) > limit:
        return Reply(reply.text[: limit * 4]), "length"
    return reply, "tool_calls" if reply.tool else "stop"


def completion(request: Request, reply: Reply) -> dict[str, Any]:
    """A whole chat.completion."""
    reply, reason = finish(request, reply)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.text or (None if reply.tool else ""),
        "refusal": None,
    }
    if reply.tool:
        message["tool_calls"] = [_tool_call(request, reply)]
    choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
    return {**_head(request, "chat.completion"), "choices": [choice], "usage": usage(request, reply)}


def chunks(request: Request, reply: Reply) -> Iterator[dict[str, Any]]:
    """The same answer as stream chunks; the last one holds the usage when stream_options asks for it."""
    reply, reason = finish(request, reply)
    head = _head(request, "chat.completion.chunk")
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if reply.tool else ""}]
    size = max(_PIECE, len(reply.text) // 1000)
    deltas += [{"content": reply.text[at : at + size]} for at in range(0, len(reply.text), size)]
    if reply.tool:
        deltas.append({"tool_calls": [{"index": 0, **_tool_call(request, reply)}]})
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    if (request.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": usage(request, reply)}


def problem(message: str, kind: str) -> dict[str, Any]:
    """An OpenAI error body."""
    return {"error": {"message": message, "type": kind, "param": None, "code": kind}}


def _head(request: Request, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{_digest(request)}",
        "object": kind,
        "created": int(time.time()),
        "model": request["model"],
        "system_fingerprint": "rehearsal",
    }


def _tool_call(request: Request, reply: Reply) -> dict[str, Any]:
    function = {"name": reply.tool, "arguments": reply.arguments}
    return {"id": f"call_{_digest(request)}", "type": "function", "function": function}


def _digest(request: Request) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:24]

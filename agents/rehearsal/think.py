"""From a chat completion request to a reply: a tool call, a filled schema, or an extractive answer."""

import json
from collections.abc import Mapping
from typing import Any

from agents.rehearsal.answer import compose
from agents.rehearsal.clerk import step, wants_tool
from agents.rehearsal.prompt import Prompt, read
from agents.rehearsal.schema import fill
from agents.rehearsal.tools import Reply, call


def think(request: Mapping[str, Any]) -> Reply:
    """The reply to a request, decided by the request alone: the same request gives the same reply."""
    prompt = read(request["messages"])
    called = call(request.get("tools") or [], request.get("tool_choice", "auto"), prompt)
    return called or Reply(_structured(request, prompt))


def _structured(request: Mapping[str, Any], prompt: Prompt) -> str:
    wanted = request.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]["schema"]
        value, _ = fill(schema, prompt)
        if wants_tool(schema):
            value |= step(request["messages"], prompt)
        return json.dumps(value, ensure_ascii=False)
    if wanted.get("type") == "json_object":
        return json.dumps({"answer": compose(prompt)}, ensure_ascii=False)
    return compose(prompt)

"""From a chat completion request to a reply: a tool call, a filled schema, or an extractive answer."""

import json
from collections.abc import Mapping
from typing import Any

from agents.rehearsal.answer import compose
from agents.rehearsal.prompt import Prompt, read
from agents.rehearsal.schema import fill
from agents.rehearsal.tools import Reply, call


def think(request: Mapping[str, Any]) -> Reply:
    """The reply to a request, decided by the request alone: the same request gives the same reply."""
    prompt = read(request["messages"])
    called = call(request.get("tools") or [], request.get("tool_choice", "auto"), prompt)
    return called or Reply(_structured(request.get("response_format") or {}, prompt))


def _structured(wanted: Mapping[str, Any], prompt: Prompt) -> str:
    if wanted.get("type") == "json_schema":
        value, _ = fill(wanted["json_schema"]["schema"], prompt)
        return json.dumps(value, ensure_ascii=False)
    if wanted.get("type") == "json_object":
        return json.dumps({"answer": compose(prompt)}, ensure_ascii=False)
    return compose(prompt)

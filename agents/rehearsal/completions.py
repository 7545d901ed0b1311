"""POST /v1/chat/completions: the honest answer, and every scripted way of not giving it."""

import asyncio
import json
from typing import Any

from aiohttp import web

from agents.rehearsal.script import MODEL, Behaviour, State
from agents.rehearsal.think import think
from agents.rehearsal.tools import Reply
from agents.rehearsal.wire import Request, chunks, completion, problem

STATE = web.AppKey("state", State)
_HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


async def complete(http: web.Request) -> web.StreamResponse:
    """Answer one chat completion as the script's next behaviour says."""
    try:
        asked = json.loads(await http.text())
        asked["model"], asked["messages"][0]["role"]
    except (ValueError, KeyError, IndexError, TypeError):
        return refusal(400, "A request needs a model and at least one message, as JSON.", "invalid_request_error")
    http.app[STATE].calls.note(http.path, http.headers, asked)
    act = http.app[STATE].script.take(MODEL)
    return await failure(http, act) or await _answered(http, asked, act)


def refusal(status: int, message: str, kind: str, **headers: str) -> web.Response:
    """An error answer in OpenAI's form."""
    return web.json_response(problem(message, kind), status=status, headers=headers)


async def failure(http: web.Request, act: Behaviour) -> web.StreamResponse | None:
    """Play the behaviours that need no answer; None when an answer is to follow (after the delay of `slow`)."""
    kind, inside = act["kind"], act.get("in", "body")
    if kind in ("slow", "hang"):
        await asyncio.sleep(act.get("seconds", 1.0 if kind == "slow" else 3600.0))
    if kind == "hang":
        return await _cut(http, b"")
    if kind == "429":
        wait = {"Retry-After": str(act["retry_after"])} if "retry_after" in act else {}
        return refusal(429, "Rate limit reached.", "rate_limit_exceeded", **wait)
    if kind == "500":
        return refusal(act.get("status", 500), "The server had an error.", "server_error")
    if kind == "error_body":
        return refusal(200, "The model is overloaded.", "overloaded_error")
    if kind == "html":
        return web.Response(text=_HTML, content_type="text/html")
    if inside == "body" and kind in ("bad_json", "empty"):
        return web.Response(body=b'{"id": "chatcmpl-' if kind == "bad_json" else b"", content_type="application/json")
    return None


async def _answered(http: web.Request, asked: dict[str, Any], act: Behaviour) -> web.StreamResponse:
    try:
        reply = _reply(asked, act)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        return refusal(400, f"The messages, tools or schema cannot be read: {error!r}.", "invalid_request_error")
    if act["kind"] == "wrong_model":
        asked = {**asked, "model": act.get("model", "another-model")}
    if asked.get("stream"):
        return await _streamed(http, asked, reply, act.get("after", 1) if act["kind"] == "cut_stream" else None)
    body = json.dumps(completion(asked, reply)).encode()
    return await _cut(http, body) if act["kind"] == "cut_stream" else _json(body)


def _reply(asked: Request, act: Behaviour) -> Reply:
    """What is said: the script's own words, an honest reply, or that reply spoiled."""
    kind = act["kind"]
    if kind == "reply":
        arguments = act.get("arguments", {})
        told = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return Reply(act.get("text", ""), act.get("tool", ""), told if "tool" in act else "")
    if kind == "huge":
        return Reply("lorem ipsum " * (act.get("bytes", 10_000_000) // 12 + 1))
    if kind == "empty":
        return Reply()
    reply = think(asked)
    if kind == "bad_json":
        return Reply(reply.text[: len(reply.text) // 2], reply.tool, reply.arguments[: len(reply.arguments) // 2])
    return reply


async def _streamed(http: web.Request, asked: Request, reply: Reply, cut_after: int | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(http)
    for sent, chunk in enumerate(chunks(asked, reply)):
        if sent == cut_after:
            return _abort(http, response)
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


async def _cut(http: web.Request, body: bytes) -> web.StreamResponse:
    """Promise a whole body, send half of it, and drop the connection."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    if body:
        await response.prepare(http)
        await response.write(body[: len(body) // 2])
    return _abort(http, response)


def _abort(http: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if http.transport:
        http.transport.abort()
    return response


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")

"""A generic agent with an address: it takes signed Standard Webhooks and holds what it is told."""

import base64
import hashlib
import hmac

from aiohttp import web

from agents.rehearsal.completions import STATE, failure
from agents.rehearsal.think import think
from agents.rehearsal.vendors.accounts import Account, body

SECRET = "whsec_cmVoZWFyc2FsLXdlYmhvb2stc2VjcmV0LTMyYg=="
"""Of every rehearsal agent: it protects nothing."""


async def heard(http: web.Request) -> web.StreamResponse:
    """One event; each of the agents has an address of its own."""
    state, name = http.app[STATE], http.match_info["agent"]
    if failed := await failure(http, state.script.take("webhook")):
        return failed
    if not hmac.compare_digest(_signature(http, await http.read()), http.headers.get("webhook-signature", "")):
        return web.json_response({"error": "Wrong signature."}, status=401)
    account = state.accounts.setdefault(("webhook", name), Account(name))
    event = await body(http)
    key, data = http.headers["webhook-id"], event.get("data", {})
    if key not in account.done:
        account.done[key] = _taken(account, str(event.get("type")), data)
    return web.json_response(account.done[key])


def _taken(account: Account, kind: str, data: dict[str, object]) -> dict[str, object]:
    if kind == "context.published":
        account.held["context"] = data.get("text", "")
    if kind == "exception.answered":
        account.held[f"answer {data.get('id')}"] = data.get("answer")
    if kind in ("agent.paused", "agent.resumed"):
        account.pause(kind == "agent.paused")
    if kind == "question.asked":
        told = {"role": "system", "content": f"Context:\n{account.held.get('context', '')}"}
        asked = {"model": "webhook", "messages": [told, {"role": "user", "content": str(data.get("question", ""))}]}
        return {"answer": think(asked).text}
    held = str(account.held.get("context", ""))
    return {"ack": True, "sha256": hashlib.sha256(held.encode()).hexdigest() if held else ""}


def _signature(http: web.Request, raw: bytes) -> str:
    said = f"{http.headers.get('webhook-id')}.{http.headers.get('webhook-timestamp')}.".encode() + raw
    digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), said, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


ROUTES = [web.post("/{agent}", heard)]

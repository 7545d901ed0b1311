"""Anthropic's Managed Agents, as its documentation describes sessions and events (connectors.md B10)."""

from typing import Any

from aiohttp import web

from agents.rehearsal.think import think
from agents.rehearsal.vendors.accounts import Account, body, now, served, stamp
from agents.rehearsal.vendors.night import SILENCE, Happening, happenings

vendor = served("claude", "x-api-key")
Event = dict[str, Any]
STANDING = "sesn_standing"
"""The session for the daily one-to-one."""


@vendor
async def sessions(http: web.Request, account: Account) -> web.Response:
    found = happenings(account.name, now() - SILENCE, account.until())
    return web.json_response({"data": [_session(each, account) for each in found], "next_page": None})


@vendor
async def session(http: web.Request, account: Account) -> web.Response:
    return web.json_response({"id": http.match_info["id"], "type": "session", "status": "idle", "usage": {}})


@vendor
async def events(http: web.Request, account: Account) -> web.Response:
    return web.json_response({"data": _events(account, http.match_info["id"]), "next_page": None})


@vendor
async def send(http: web.Request, account: Account) -> web.Response:
    """The same Idempotency-Key again adds nothing."""
    key, id = http.headers.get("Idempotency-Key", ""), http.match_info["id"]
    if key not in account.done or not key:
        sent = [_kept(account, id, event) for event in (await body(http)).get("events", [])]
        account.done[key] = sent
    return web.json_response({"data": account.done[key]})


def _kept(account: Account, id: str, event: Event) -> Event:
    added: list[Event] = account.held.setdefault(f"events {id}", [])
    kept = {**event, "id": f"sevt_{id}_{len(added)}"}
    added.append(kept)
    account.held[f"touched {id}"] = stamp(now())
    if event.get("type") == "user.message":
        # What it was told last stands in place of what it was told before.
        told = next((_text(each) for each in reversed(added) if each.get("type") == "system.message"), "")
        messages = [{"role": "system", "content": told}, {"role": "user", "content": _text(event)}]
        reply = think({"model": "claude", "messages": messages}).text
        added.append({"id": f"{kept['id']}_r", "type": "agent.message", "content": [{"type": "text", "text": reply}]})
    if event.get("type") in ("user.message", "user.tool_confirmation"):
        added.append({"id": f"{kept['id']}_i", "type": "session.status_idle", "stop_reason": {"type": "end_turn"}})
    return kept


def _text(event: Event) -> str:
    return "".join(str(block.get("text", "")) for block in event.get("content", ()))


def _events(account: Account, id: str) -> list[Event]:
    found = happenings(account.name, now() - SILENCE, now())
    told = next((_told(each) for each in found if f"sesn_{each.id}" == id), [])
    return [*told, *account.held.get(f"events {id}", [])]


def _session(each: Happening, account: Account) -> dict[str, Any]:
    touched = account.held.get(f"touched sesn_{each.id}", stamp(each.until))
    times = {"created_at": stamp(each.at), "updated_at": touched}
    return {
        "id": f"sesn_{each.id}",
        "type": "session",
        "title": f"{each.name}, {each.company}",
        "status": "idle",
        **times,
    }


def _told(each: Happening) -> list[Event]:
    heard, spoken = each.said
    said: list[Event] = [
        {"id": f"u_{each.id}", "type": "user.message", "content": [{"type": "text", "text": heard}]},
        {"id": f"m_{each.id}", "type": "agent.message", "content": [{"type": "text", "text": spoken}]},
    ]
    if each.outcome == "failed":
        return [*said, {"id": f"e_{each.id}", "type": "session.status_terminated"}]
    if each.outcome != "escalated":
        return [*said, {"id": f"i_{each.id}", "type": "session.status_idle", "stop_reason": {"type": "end_turn"}}]
    call = {"id": f"t_{each.id}", "type": "agent.tool_use", "name": "send_contract", "input": {"to": each.email}}
    stop = {"type": "requires_action", "event_ids": [call["id"]]}
    return [*said, call, {"id": f"i_{each.id}", "type": "session.status_idle", "stop_reason": stop}]


ROUTES = [
    web.get("/v1/sessions", sessions),
    web.get("/v1/sessions/{id}", session),
    web.get("/v1/sessions/{id}/events", events),
    web.post("/v1/sessions/{id}/events", send),
]

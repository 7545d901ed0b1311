"""Monaco's public API (beta), as its OpenAPI document describes it (connectors.md B5)."""

import datetime as dt
import math
from typing import Any

from aiohttp import web

from agents.rehearsal.vendors.accounts import Account, body, moment, now, served, stamp
from agents.rehearsal.vendors.night import Happening, happenings

BLOCK = {"id": "campaign", "name": "Campaign", "block_type": "MANUAL", "content": ""}
BACK = dt.timedelta(days=7)
"""A task answered now may be as old as this."""
vendor = served("monaco")


@vendor
async def me(http: web.Request, account: Account) -> web.Response:
    return _item({"id": account.name, "email": "api@customer.example"})


@vendor
async def listed(http: web.Request, account: Account) -> web.Response:
    """`POST /v1/{entity}/list` with one filter on a time, newest first, in pages."""
    asked = await body(http)
    since = next((moment(rule["value"]) for rule in asked.get("filters", [])), now() - dt.timedelta(days=7))
    found = happenings(account.name, since - BACK, account.until())
    shown = [_shown(http.match_info["entity"], each, account) for each in found]
    kept = [each for each in reversed(shown) if each and moment(each["updated_at"]) >= since]
    size, page = int(asked.get("page_size", 50)), int(asked.get("page", 1))
    pages = {"page": page, "page_size": size, "total_count": len(kept), "total_pages": math.ceil(len(kept) / size)}
    return web.json_response({"data": kept[(page - 1) * size : page * size], "pagination": pages, "meta": {}})


@vendor
async def patch_task(http: web.Request, account: Account) -> web.Response:
    account.held[f"task {http.match_info['id']}"] = {**await body(http), "updated_at": stamp(now())}
    return _item({"id": http.match_info["id"], "status": "Done"})


@vendor
async def template(http: web.Request, account: Account) -> web.Response:
    return _item({"id": http.match_info["id"], "name": "Outbound", "blocks": _blocks(http, account)})


@vendor
async def patch_template(http: web.Request, account: Account) -> web.Response:
    """`blocks` replaces all of them."""
    if blocks := (await body(http)).get("blocks"):
        account.held[f"blocks {http.match_info['id']}"] = blocks
    return _item({"id": http.match_info["id"], "name": "Outbound", "blocks": _blocks(http, account)})


@vendor
async def patch_campaign(http: web.Request, account: Account) -> web.Response:
    status = (await body(http)).get("status")
    if status in ("PAUSED", "ACTIVE"):
        account.pause(status == "PAUSED")
    return _item({"id": http.match_info["id"], "status": status})


def _blocks(http: web.Request, account: Account) -> dict[str, Any]:
    held: dict[str, Any] = account.held.get(f"blocks {http.match_info['id']}", {"campaign": dict(BLOCK)})
    return held


def _shown(entity: str, each: Happening, account: Account) -> dict[str, Any] | None:
    common = {"id": f"{entity[:3]}_{each.id}", "created_at": stamp(each.at), "updated_at": stamp(each.until)}
    contact = {"name": each.name, "email": each.email, "company": each.company}
    if entity == "sequences":
        replied = each.outcome != "quiet"
        return {
            **common,
            "contact": contact,
            "status": "failed" if each.outcome == "failed" else "active",
            "last_interaction": each.said[1],
            "responded_at": stamp(each.until) if replied else None,
            "meeting_booked_at": stamp(each.until) if each.outcome == "booked" else None,
        }
    if entity == "tasks" and each.outcome == "escalated":
        done = account.held.get(f"task {common['id']}", {})
        common |= {"updated_at": done["updated_at"]} if done else {}
        draft = {"recipients": [contact], "subject": f"Your contract, {each.name}", "body": each.said[1]}
        task = {"title": f"Answer {each.name}", "task_type": "EMAIL", "description": each.said[0]}
        return {**common, **task, "status": "Done" if done else "To Do", "message_draft": draft}
    if entity == "meetings" and each.outcome == "booked":
        return {**common, "title": f"{each.company} and us", "attendees": [contact], "meeting_summary": each.said[1]}
    return None


def _item(data: dict[str, Any]) -> web.Response:
    return web.json_response({"data": data, "meta": {"timestamp": stamp(now())}})


ROUTES = [
    web.get("/v1/me", me),
    web.post("/v1/{entity:sequences|tasks|meetings}/list", listed),
    web.patch("/v1/tasks/{id}", patch_task),
    web.get("/v1/sequence-templates/{id}", template),
    web.patch("/v1/sequence-templates/{id}", patch_template),
    web.patch("/v1/campaigns/{id}", patch_campaign),
]

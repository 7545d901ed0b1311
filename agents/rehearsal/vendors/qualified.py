"""Qualified's Enterprise API v2, as its specification of August 2026 describes it (connectors.md B4)."""

import datetime as dt
from typing import Any

from aiohttp import web

from agents.rehearsal.vendors.accounts import Account, body, moment, now, served, stamp
from agents.rehearsal.vendors.night import Happening, happenings

HOLD = dt.timedelta(minutes=30)
MEETING_HOLD = dt.timedelta(hours=24)
PAGE = 20
vendor = served("qualified")


def _page(http: web.Request, found: list[dict[str, Any]]) -> web.Response:
    start = int(http.query.get("after", "0"))
    shown, end = found[start : start + PAGE], start + PAGE
    info = {"hasNextPage": end < len(found), "endCursor": str(end)}
    return web.json_response({"data": shown, "pageInfo": info})


def _since(http: web.Request, bound: str, hold: dt.timedelta) -> dt.datetime:
    """A bound inside the hold is refused."""
    since = moment(http.query.get(bound))
    if since > now() - hold:
        raise web.HTTPBadRequest(text=f"{bound} lies inside the hold.")
    return since


@vendor
async def conversations(http: web.Request, account: Account) -> web.Response:
    since = _since(http, "ended_after", HOLD)
    found = happenings(account.name, since, account.until() - HOLD)
    return _page(http, [_conversation(each) for each in reversed(found)])


@vendor
async def meetings(http: web.Request, account: Account) -> web.Response:
    since = _since(http, "updated_after", MEETING_HOLD)
    found = happenings(account.name, since, account.until() - MEETING_HOLD)
    booked = [each for each in found if each.outcome == "booked"]
    return _page(http, [{"id": f"m-{e.id}", "conversationId": e.id, "bookedAt": stamp(e.until)} for e in booked])


@vendor
async def messages(http: web.Request, account: Account) -> web.Response:
    since = moment(http.query.get("created_after"))
    found = happenings(account.name, since, account.until() - HOLD)
    return _page(http, [line for each in reversed(found) for line in _lines(each)])


@vendor
async def companies(http: web.Request, account: Account) -> web.Response:
    """Field values of an account, inherited by every lead of its domain; not readable back."""
    given = await body(http)
    account.held[f"company {given.get('domain')}"] = given
    return web.json_response({"success": True}, status=201)


def _lines(each: Happening) -> list[dict[str, Any]]:
    """Newest first, as documented."""
    senders = (("ai_profile", each.said[1], each.until), ("visitor", each.said[0], each.at))
    return [
        {
            "id": f"{sender}-{each.id}",
            "type": "text",
            "text": text,
            "createdAt": stamp(at),
            "senderType": sender,
            "conversationId": each.id,
        }
        for sender, text, at in senders
    ]


def _conversation(each: Happening) -> dict[str, Any]:
    return {
        "id": each.id,
        "sessionId": f"s-{each.id}",
        "meetingIds": [f"m-{each.id}"] if each.outcome == "booked" else [],
        "experienceName": f"{each.company} visit",
        "createdAt": stamp(each.at),
        "endedAt": stamp(each.until),
        "userId": "rep" if each.outcome == "escalated" else None,
        "visitorId": each.email,
    }


ROUTES = [
    web.get("/v2/conversations", conversations),
    web.get("/v2/messages", messages),
    web.get("/v2/meetings", meetings),
    web.post("/v2/companies", companies),
]

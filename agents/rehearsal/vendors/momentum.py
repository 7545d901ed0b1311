"""Momentum's API, as docs.momentum.io describes it (connectors.md B6)."""

import math
from typing import Any

from aiohttp import web

from agents.rehearsal.vendors.accounts import Account, moment, served, stamp
from agents.rehearsal.vendors.night import Happening, happenings

vendor = served("momentum", "X-API-Key")


@vendor
async def meetings(http: web.Request, account: Account) -> web.Response:
    query = http.query
    found = happenings(account.name, moment(query.get("from")), min(moment(query.get("to")), account.until()))
    size, page = min(int(query.get("pageSize", 50)), 50), int(query.get("pageNumber", 1))
    shown = [_meeting(each) for each in found[(page - 1) * size : page * size]]
    return web.json_response({"meetings": shown, "pageCount": max(1, math.ceil(len(found) / size))})


@vendor
async def executions(http: web.Request, account: Account) -> web.Response:
    """Signals: what an AI prompt found worth a person's attention."""
    query = http.query
    bounds = moment(query.get("executionFrom")), min(moment(query.get("executionTo")), account.until())
    found = [each for each in happenings(account.name, *bounds) if each.outcome in ("escalated", "failed")]
    return web.json_response({"executions": [_signal(each, http.match_info["id"]) for each in found]})


def _meeting(each: Happening) -> dict[str, Any]:
    heard, spoken = each.said
    return {
        "id": f"mtg-{each.id}",
        "title": f"{each.company}: {each.outcome}",
        "startTime": stamp(each.at),
        "endTime": stamp(each.until),
        "attendees": [{"name": each.name, "email": each.email, "isInternal": False}],
        "transcript": {"entries": [{"speaker": each.name, "text": heard}, {"speaker": "Host", "text": spoken}]},
        "salesforceOpportunityId": f"006{each.id[-6:]}",
    }


def _signal(each: Happening, prompt: str) -> dict[str, Any]:
    return {
        "id": f"sig-{each.id}",
        "signalName": "Churn risk" if each.outcome == "escalated" else "Undelivered",
        "triggeredAt": stamp(each.until),
        "reason": each.said[0],
        "prompt": prompt,
        "salesforceOpportunityId": f"006{each.id[-6:]}",
    }


ROUTES = [web.get("/v1/meetings", meetings), web.get("/v1/signals/{id}/executions", executions)]

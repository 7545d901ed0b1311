"""A Salesforce org with agents in it: sign-in, SOQL, Data 360 SQL, records, Agent API (connectors.md B1-B3)."""

import re
import uuid
from typing import Any

from aiohttp import web

from agents.rehearsal.completions import STATE, failure
from agents.rehearsal.think import think
from agents.rehearsal.vendors.accounts import WRONG, Account, body, moment, served, stamp
from agents.rehearsal.vendors.night import Happening, happenings

STATUS = {"booked": "Meeting Booked", "replied": "Working", "quiet": "Contacted", "escalated": "Needs Human"}
END = {"escalated": "Escalated", "failed": "Failed", "quiet": "Deflected"}
COLUMNS = ("id", "started", "ended", "end_type", "heard", "spoken")
SINCE = re.compile(r">= '?([0-9T:.+Z-]+)'?")
PAGE = 25
vendor = served("salesforce")


async def token(http: web.Request) -> web.StreamResponse:
    """Client credentials; the token names the client, so that each has an org of its own."""
    if failed := await failure(http, http.app[STATE].script.take("salesforce")):
        return failed
    form = await http.post()
    client = str(form.get("client_id", ""))
    if not client or form.get("client_secret") in (None, "", WRONG):
        return web.json_response({"error": "invalid_client"}, status=401)
    return web.json_response({"access_token": client, "token_type": "Bearer"})


@vendor
async def limits(http: web.Request, account: Account) -> web.Response:
    return web.json_response({"DailyApiRequests": {"Max": 100_000, "Remaining": 99_000}})


@vendor
async def query(http: web.Request, account: Account) -> web.Response:
    found = [_lead(each) for each in _since(account, http.query.get("q", ""))]
    return _records(found, 0, account)


@vendor
async def more(http: web.Request, account: Account) -> web.Response:
    records, start = account.held["query"], int(http.match_info["start"])
    return _records(records, start, account)


def _records(found: list[dict[str, Any]], start: int, account: Account) -> web.Response:
    account.held["query"], end = found, start + PAGE
    told: dict[str, Any] = {"totalSize": len(found), "done": end >= len(found), "records": found[start:end]}
    if end < len(found):
        told["nextRecordsUrl"] = f"/services/data/v64.0/query/more-{end}"
    return web.json_response(told)


@vendor
async def sql(http: web.Request, account: Account) -> web.Response:
    found = _since(account, (await body(http)).get("sql", ""))
    data = [
        [each.id, stamp(each.at), stamp(each.until), END.get(each.outcome, "Resolved"), *each.said] for each in found
    ]
    metadata = [{"name": name, "type": "VARCHAR"} for name in COLUMNS]
    return web.json_response({"data": data, "metadata": metadata, "returnedRows": len(data)})


@vendor
async def upsert(http: web.Request, account: Account) -> web.Response:
    account.held[http.path] = {**account.held.get(http.path, {}), **await body(http)}
    return web.json_response({"id": "a01", "success": True, "created": False, "errors": []})


@vendor
async def read(http: web.Request, account: Account) -> web.Response:
    if http.path not in account.held:
        return web.json_response([{"errorCode": "NOT_FOUND"}], status=404)
    return web.json_response({"Id": "a01", **account.held[http.path]})


@vendor
async def open_session(http: web.Request, account: Account) -> web.Response:
    session = str(uuid.uuid5(uuid.NAMESPACE_URL, str((await body(http)).get("externalSessionKey"))))
    account.held[f"session {session}"] = True
    greeting = {"type": "Inform", "message": "Hi, how can I help?"}
    return web.json_response({"sessionId": session, "_links": {}, "messages": [greeting]})


@vendor
async def send_message(http: web.Request, account: Account) -> web.Response:
    """The reply is drawn from the records the org holds and from what the agent did, like every rehearsal answer."""
    if f"session {http.match_info['id']}" not in account.held:
        return web.json_response({"error": "No such session."}, status=404)
    text = str((await body(http)).get("message", {}).get("text", ""))
    # A field of a record is one line; its facts stand beside each other.
    held = [str(each.get("Text__c", "")) for each in account.held.values() if isinstance(each, dict)]
    known = "<context>\n" + "\n".join(held).replace(" · ", "\n") + "\n</context>"
    asked = {
        "model": "agentforce",
        "messages": [{"role": "system", "content": known}, {"role": "user", "content": text}],
    }
    return web.json_response({"messages": [{"type": "Inform", "message": think(asked).text}], "_links": {}})


@vendor
async def end_session(http: web.Request, account: Account) -> web.Response:
    account.held.pop(f"session {http.match_info['id']}", None)
    return web.json_response(
        {"messages": [{"type": "SessionEnded", "reason": http.headers.get("x-session-end-reason")}]}
    )


def _since(account: Account, asked: str) -> list[Happening]:
    found = SINCE.search(asked)
    if found is None:
        raise web.HTTPBadRequest(text="MALFORMED_QUERY")
    return happenings(account.name, moment(found[1]), account.until())


def _lead(each: Happening) -> dict[str, Any]:
    return {
        "attributes": {"type": "Lead"},
        "Id": f"00Q-{each.id}",
        "Name": each.name,
        "Email": each.email,
        "Company": each.company,
        "Status": STATUS.get(each.outcome, "Unqualified"),
        "Description": each.said[1],
        "CreatedDate": stamp(each.at),
        "LastModifiedDate": stamp(each.until),
    }


API = "/einstein/ai-agent/v1"
ROUTES = [
    web.post("/services/oauth2/token", token),
    web.get("/services/data/{version}/limits", limits),
    web.get("/services/data/{version}/query/", query),
    web.get("/services/data/{version}/query/more-{start}", more),
    web.post("/services/data/{version}/ssot/query-sql", sql),
    web.patch("/services/data/{version}/sobjects/{object}/{field}/{value}", upsert),
    web.get("/services/data/{version}/sobjects/{object}/{field}/{value}", read),
    web.post(API + "/agents/{agent}/sessions", open_session),
    web.post(API + "/sessions/{id}/messages", send_message),
    web.delete(API + "/sessions/{id}", end_session),
]

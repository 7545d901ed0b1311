"""A vendor with effects: every request is recorded with its idempotency key, and the same key gets the same answer."""

from typing import Any

from aiohttp import web

from agents.rehearsal.completions import STATE, failure, refusal


async def act(http: web.Request) -> web.StreamResponse:
    """Record a request and answer it. A scripted failure comes before the effect, or after it with "done": true."""
    vendor, key = http.match_info["name"], http.headers.get("Idempotency-Key")
    try:
        body = await http.json() if http.can_read_body else None
    except ValueError:
        return refusal(400, "The body is not JSON.", "invalid_request_error")
    behaviour = http.app[STATE].script.take(vendor)
    effect = _effect(http, vendor, key, body) if behaviour.get("done", behaviour["kind"] in ("ok", "slow")) else {}
    failed = await failure(http, behaviour)
    return failed or web.json_response({"id": effect.get("id"), "vendor": vendor}, status=201)


def _effect(http: web.Request, vendor: str, key: str | None, body: Any) -> dict[str, Any]:
    effects = http.app[STATE].effects[vendor]
    first = next((e for e in effects if key and e["key"] == key), None)
    made = sum(not e["repeated"] for e in effects) + 1
    effect = {"id": first["id"] if first else f"{vendor}-{made}", "key": key, "body": body, "repeated": bool(first)}
    effects.append(effect)
    return effect


async def listed(http: web.Request) -> web.Response:
    """Every recorded request of a vendor, in order; `repeated` marks those that a key kept from acting again."""
    return web.json_response({"effects": http.app[STATE].effects.get(http.match_info["name"], [])})

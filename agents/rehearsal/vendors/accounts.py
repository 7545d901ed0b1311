"""A customer's account at a demo vendor: known by its credential, remembered in memory, and as moody as the script."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agents.rehearsal.completions import STATE, failure

WRONG = "wrong"
"""The one credential that no vendor accepts."""
Act = Callable[[web.Request, "Account"], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Account:
    """What a vendor keeps for one customer. `held` is by whatever the vendor calls it; `done` by idempotency key."""

    name: str
    held: dict[str, Any] = field(default_factory=dict)
    done: dict[str, Any] = field(default_factory=dict)

    @property
    def paused_at(self) -> dt.datetime | None:
        """Since when its agent does nothing."""
        return self.held.get("paused_at")

    def pause(self, paused: bool) -> None:
        self.held["paused_at"] = now() if paused else None

    def until(self) -> dt.datetime:
        """Up to when things happened."""
        return self.paused_at or now()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def served(vendor: str, header: str = "Authorization") -> Callable[[Act], Handler]:
    """A handler of this vendor's: with its credential in `header`, after whatever the script wants to happen first."""

    def wrap(act: Act) -> Handler:
        async def handle(http: web.Request) -> web.StreamResponse:
            state = http.app[STATE]
            if failed := await failure(http, state.script.take(vendor)):
                return failed
            credential = http.headers.get(header, "").removeprefix("Bearer").strip()
            if not credential or credential == WRONG:
                return web.json_response({"error": "Invalid credentials."}, status=401)
            account = state.accounts.setdefault((vendor, credential), Account(credential))
            return await act(http, account)

        return handle

    return wrap


def moment(text: str | None) -> dt.datetime:
    """An ISO instant of a request. Raises a 400 for anything else."""
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:
        raise web.HTTPBadRequest(text="Not a time.") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def stamp(at: dt.datetime) -> str:
    """As vendors write times."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def body(http: web.Request) -> dict[str, Any]:
    """The request's JSON object. Raises a 400 for anything else."""
    try:
        given = await http.json()
    except ValueError:
        raise web.HTTPBadRequest(text="Not JSON.") from None
    if not isinstance(given, dict):
        raise web.HTTPBadRequest(text="Not an object.")
    return given

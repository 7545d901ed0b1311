"""Adapters that speak HTTP: one JSON request at a time through the one door, and every failure in one vocabulary."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.base import http
from agents.connectors import wording
from agents.connectors.contract import NONE, Adapter, Capability, Health, Pushed, VendorError, sha256
from agents.connectors.enums import Method, Problem, Rung, Way

DEADLINE_S = 10.0
CAP = 8_000_000
"""Bytes of one page of a vendor's list."""
BY_HAND = Capability(Way.MANUAL)
UNCONNECTED = Capability(Way.NONE, gettext_lazy("not connected yet"))
OFFLINE = (Method.PUSH_CONTEXT, Method.DEEP_LINK, Method.RECEIVE)
"""What goes on without a connection, by hand or because the other side calls us."""


@dataclass(frozen=True)
class Answer:
    """What came back: parsed JSON (None when empty), and whether a stand-in said it."""

    data: Any
    headers: Mapping[str, str]
    rehearsal: bool


class Online(Adapter):
    """What adapters over HTTP share. Without a connection they are honest: only hands and links are left."""

    @property
    def capabilities(self) -> dict[Method, Capability]:
        told = super().capabilities
        if self.connection is not None:
            return told
        manual = {method: BY_HAND if method == Method.PUSH_CONTEXT else told[method] for method in OFFLINE}
        return {method: NONE if told[method].way == Way.NONE else UNCONNECTED for method in Method} | manual

    @property
    def url(self) -> str:
        """Where its API is, without a slash at the end."""
        return ((self.connection and self.connection.base_url) or self.base_url).rstrip("/")

    def option(self, name: str) -> str:
        """A setting of the connection. Raises VendorError (`setup`) where it is needed and missing."""
        value = (self.connection.settings if self.connection else {}).get(name) or self.options.get(name, "")
        if not value:
            raise VendorError(Problem.SETUP, _(wording.LACKS_OPTION) % {"name": name})
        return str(value)

    def part(self, name: str) -> str:
        """A setting as one part of a path, whatever it contains."""
        return quote(self.option(name), safe="")

    def secret(self, name: str) -> str:
        """A credential of the connection. Raises VendorError (`setup`) when it is missing."""
        value = self.connection.secret(name) if self.connection else ""
        if not value:
            raise VendorError(Problem.SETUP, _(wording.LACKS_OPTION) % {"name": name})
        return value

    def headers(self) -> dict[str, str]:
        """What proves to the system who we are."""
        return {}

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request to `path` below the base address, or to a whole address. Raises VendorError."""
        url = path if path.startswith("http") else self.url + path
        sent = {"Accept": "application/json", **(self.headers() if headers is None else headers)}
        raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent |= {"Content-Type": "application/json"} if raw is not None and "Content-Type" not in sent else {}
        sent |= {"Idempotency-Key": key} if key else {}
        whole = url + (f"?{urlencode(query)}" if query else "")
        return answered(lambda: http.call(method, whole, headers=sent, body=raw, deadline=DEADLINE_S, cap=CAP))

    def tested(self, detail: str, method: str, path: str, **request: Any) -> Health:
        """A harmless request, timed."""
        began = time.monotonic()
        answer = self.call(method, path, **request)
        return Health(detail, round((time.monotonic() - began) * 1000), answer.rehearsal)

    def by_hand(self, text: str) -> Pushed:
        """What a person is to copy, and where to."""
        return Pushed(Rung.MANUAL_PENDING, {"text": text, "deep_link": self.deep_link()}, sha256(text))


def answered(reply: Callable[[], http.Reply]) -> Answer:
    """What a request brought. Raises VendorError, too, for one that never got its reply."""
    try:
        return answer_of(reply())
    except http.OutboundError as error:
        kind = Problem.SETUP if error.code == "blocked_address" else Problem.DOWN
        raise VendorError(kind, error.message, unsent=error.code in error.UNSENT) from error


def answer_of(reply: http.Reply) -> Answer:
    """The reply's JSON. Raises VendorError for every status but 2xx and for what is not JSON."""
    if not 200 <= reply.status < 300:
        raise _failed(reply)
    try:
        data = json.loads(reply.body) if reply.body else None
    except ValueError:
        raise VendorError(Problem.BAD_REPLY, _(wording.NOT_JSON)) from None
    return Answer(data, reply.headers, reply.headers.get("X-Rehearsal") == "1")


def _failed(reply: http.Reply) -> VendorError:
    told = {"status": reply.status}
    if reply.status in (401, 403):
        return VendorError(Problem.AUTH, _(wording.NO_CREDENTIALS) % told)
    if reply.status in (423, 429):
        return VendorError(Problem.RATE, _(wording.SLOW_DOWN) % told, _wait(reply))
    if reply.status >= 500:
        return VendorError(Problem.DOWN, _(wording.OWN_FAILURE) % told, _wait(reply))
    return VendorError(Problem.REFUSED, _(wording.REFUSES) % told)


def _wait(reply: http.Reply) -> float | None:
    """Seconds, where it says them; some vendors leave the header out."""
    text = reply.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def item(data: Any, *path: str | int) -> Any:
    """What lies at this path of an answer. Raises VendorError (`bad_reply`) where there is none."""
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            raise VendorError(Problem.BAD_REPLY, _(wording.LACKS_PART) % {"name": part}) from None
    return data


def rows(data: Any, *path: str | int) -> Iterable[dict[str, Any]]:
    """The list of objects at this path of an answer. Raises VendorError (`bad_reply`)."""
    found = item(data, *path)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise VendorError(Problem.BAD_REPLY, _(wording.NO_LIST))
    return found

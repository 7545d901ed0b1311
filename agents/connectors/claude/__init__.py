"""A custom Claude agent under Anthropic's Managed Agents API, beta of April 2026 (connectors.md B10).

Its sessions are its runs. One of them, named in the settings, stands for the daily one-to-one: there it is asked and
told.
"""

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.connectors.contract import Capability, Document, Health, Pushed, Reply, sha256
from agents.connectors.documents import message, without_nothing
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.online import Online, item, rows
from agents.engine import Json
from agents.fleet.enums import Vendor

LIVE = Capability(Way.LIVE)
STANDING = Capability(Way.LIVE, gettext_lazy("in the session named in its settings"))
PATIENCE_S, PAUSE_S = 20.0, 0.25
TOOLS = ("agent.tool_use", "agent.mcp_tool_use", "agent.custom_tool_use")
Event = dict[str, Any]


class Claude(Online):
    """Approvals it waits for are answered as `user.tool_confirmation`."""

    vendor = Vendor.CLAUDE
    base_url = "https://api.anthropic.com"
    secrets = ("api_key",)
    options = {
        "agent_id": "",
        "session_id": "",
        "anthropic_version": "2023-06-01",
        "anthropic_beta": "managed-agents-2026-04-01",
    }
    declared = {
        Method.HEALTH: LIVE,
        Method.PULL: LIVE,
        Method.ASK: STANDING,
        Method.PUSH_CONTEXT: STANDING,
        Method.CONFIRM: STANDING,
        Method.ANSWER: Capability(Way.LIVE, gettext_lazy("tool calls it wants approved")),
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def headers(self) -> dict[str, str]:
        return {
            "x-api-key": self.secret("api_key"),
            "anthropic-version": self.option("anthropic_version"),
            "anthropic-beta": self.option("anthropic_beta"),
        }

    def health(self) -> Health:
        return self.tested("session", "GET", f"/v1/sessions/{self.part('session_id')}")

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        told = [each for each in self._sessions() if _moment(each) >= since and item(each, "id") != self._standing]
        return [_document(each, self._events(item(each, "id"))) for each in sorted(told, key=_moment)]

    def ask(self, question: str, *, key: str) -> Reply | None:
        """Waits up to 20 seconds for the message that follows the question."""
        sent = self._send(self._standing, {"type": "user.message", "content": _text(question)}, key)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            after = _after(self._events(self._standing), sent)
            if after and after[-1].get("type") == "session.status_idle":
                said = "\n".join(_spoken(each) for each in after if each.get("type") == "agent.message")
                return Reply(said, {"session": self._standing, "event": sent}) if said else None
            time.sleep(PAUSE_S)
        return None

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """`stored` when the session's events, read back, hold exactly this text."""
        self._send(self._standing, {"type": "system.message", "content": _text(text)}, key)
        return self.confirm(version_id, text) or Pushed(Rung.SENT, {"session": self._standing}, sha256(text))

    def confirm(self, version_id: str, text: str) -> Pushed | None:
        told = [each for each in self._events(self._standing) if each.get("type") == "system.message"]
        if not told or _spoken(told[-1]) != text:
            return None
        return Pushed(Rung.STORED, {"read_back": self._standing, "event": told[-1].get("id")}, sha256(text))

    def answer(self, external_id: str, answer: Json, *, key: str) -> None:
        session, _colon, event = external_id.partition(":")
        said = answer if isinstance(answer, dict) else {}
        allow = said.get("decision") in ("approve", "edit")
        told = {"type": "user.tool_confirmation", "tool_use_id": event, "result": "allow" if allow else "deny"}
        self._send(session, told if allow else {**told, "deny_message": str(said.get("note") or "denied")}, key)

    @property
    def _standing(self) -> str:
        return self.option("session_id")

    def _send(self, session: str, event: Event, key: str) -> str:
        """The id that the event got, where the answer says one."""
        data = (
            self.call("POST", f"/v1/sessions/{quote(session, safe='')}/events", body={"events": [event]}, key=key).data
            or {}
        )
        return str(next((each.get("id") for each in data.get("data", ()) if isinstance(each, dict)), ""))

    def _sessions(self) -> Iterator[Event]:
        return self._pages("/v1/sessions", {"agent_id": self.option("agent_id"), "limit": "100"})

    def _events(self, session: str) -> list[Event]:
        return list(self._pages(f"/v1/sessions/{quote(session, safe='')}/events", {"limit": "100"}))

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[Event]:
        while True:
            data = self.call("GET", path, query=query).data
            yield from rows(data, "data")
            if not data.get("next_page"):
                return
            query = {**query, "page": str(data["next_page"])}


def _text(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


def _spoken(event: Event) -> str:
    return "".join(str(block.get("text", "")) for block in event.get("content") or () if block.get("type") == "text")


def _moment(session: Event) -> dt.datetime:
    return dt.datetime.fromisoformat(str(session.get("updated_at") or item(session, "created_at")))


def _after(events: list[Event], id: str) -> list[Event]:
    """What came after the event of this id."""
    places = [place for place, event in enumerate(events) if event.get("id") == id]
    return events[places[0] + 1 :] if places else []


def _status(events: list[Event]) -> tuple[str, set[str]]:
    """What the latest status event says, for an earlier idle may have been answered, and what waits for a person."""
    last = next((each for each in reversed(events) if str(each.get("type")).startswith("session.status_")), {})
    if last.get("type") == "session.status_terminated":
        return "failed", set()
    stop = last.get("stop_reason") or {}
    if stop.get("type") == "requires_action" and (waiting := set(stop.get("event_ids") or ())):
        return "waiting", waiting
    return "done" if last.get("type") == "session.status_idle" else "running", set()


def _document(session: Event, events: list[Event]) -> Document:
    status, waiting = _status(events)
    id = item(session, "id")
    heard, spoken = (
        [_spoken(each) for each in events if each.get("type") == said] for said in ("user.message", "agent.message")
    )
    return without_nothing(
        {
            "external_id": id,
            "status": status,
            "title": str(session.get("title") or _("Session"))[:200],
            "input": {"text": heard[0] if heard else ""},
            "error": _("The session was terminated.") if status == "failed" else "",
            "started_at": session.get("created_at"),
            "finished_at": session.get("updated_at") if status in ("failed", "done") else None,
            "steps": [_step(each) for each in events if each.get("type") in ("agent.message", *TOOLS)],
            "outputs": message(spoken[-1] if spoken else ""),
            "asks": [_ask(id, each) for each in events if each.get("id") in waiting],
        }
    )


def _step(event: Event) -> Document:
    if event.get("type") == "agent.message":
        return {"key": item(event, "id"), "name": "message", "kind": "message", "output": {"text": _spoken(event)}}
    return {"key": item(event, "id"), "name": str(event.get("name"))[:80], "kind": "tool", "input": event.get("input")}


def _ask(session: str, event: Event) -> Document:
    call = {"tool": event.get("name"), "args": event.get("input")}
    title = _("Wants to call %(tool)s") % {"tool": event.get("name")}
    return {"id": f"{session}:{event['id']}", "kind": "approval", "title": title[:300], "proposal": call}

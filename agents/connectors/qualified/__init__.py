"""Qualified (Piper): Enterprise API v2 of August 2026, read in a third party's copy (connectors.md B4).

Conversations appear 30 minutes after their session ends, meetings 24 hours after: last night's meetings are known by
the ids that a conversation offers.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.connectors.contract import Capability, Document, Health, Kpi, Pushed, sha256
from agents.connectors.documents import handoff, message, said, without_nothing
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.online import Online, item, rows
from agents.fleet.enums import Vendor

HOLD = dt.timedelta(minutes=31)
DAY = dt.timedelta(days=1)
LIVE = Capability(Way.LIVE)
Line = dict[str, Any]


class Qualified(Online):
    """Piper's conversations come in; context goes out as a field of the accounts it should know it for."""

    vendor = Vendor.QUALIFIED
    base_url = "https://api.qualified.com"
    secrets = ("api_key",)
    options = {"context_domains": "", "context_field": "Campaign Context"}
    declared = {
        Method.HEALTH: LIVE,
        Method.PULL: LIVE,
        Method.PULL_KPIS: Capability(Way.LIVE, gettext_lazy("meetings are those its conversations offered")),
        Method.PUSH_CONTEXT: Capability(
            Way.LIVE, gettext_lazy("a field of the accounts named in its settings; cannot be read back")
        ),
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret('api_key')}"}

    def health(self) -> Health:
        bound = {"ended_after": (timezone.now() - DAY).isoformat()}
        return self.tested("conversations", "GET", "/v2/conversations", query=bound)

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        found = list(self._conversations(min(since, timezone.now() - HOLD)))[::-1]
        lines = self._lines(min(str(each.get("createdAt")) for each in found)) if found else {}
        return [_document(each, lines.get(item(each, "id"), [])) for each in found]

    def pull_kpis(self, day: dt.date) -> list[Kpi]:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        bounds = {"ended_before": (start + DAY).isoformat()}
        found = list(self._conversations(min(start, timezone.now() - HOLD), **bounds))
        booked = sum(len(each.get("meetingIds") or []) for each in found)
        return [
            Kpi("conversations", day, Decimal(len(found)), len(found)),
            Kpi("meetings", day, Decimal(booked), len(found)),
        ]

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """`sent` at best: Qualified does not show what it holds. Without accounts to tell it for: by hand."""
        domains = str((self.connection.settings if self.connection else {}).get("context_domains", "")).split()
        if not domains:
            return self.by_hand(text)
        for domain in domains:
            told = {"domain": domain, "fields": {self.option("context_field"): text}}
            self.call("POST", "/v2/companies", body=told, key=f"{key}-{domain}")
        return Pushed(Rung.SENT, {"domains": list(domains)}, sha256(text))

    def deep_link(self) -> str:
        return self.agent.vendor_url or "https://app.qualified.com/"

    def _conversations(self, since: dt.datetime, **bounds: str) -> Iterator[dict[str, Any]]:
        return self._pages("/v2/conversations", {"ended_after": since.isoformat(), **bounds})

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            data = self.call("GET", path, query=query).data
            yield from rows(data, "data")
            if not item(data, "pageInfo", "hasNextPage"):
                return
            query = {**query, "after": item(data, "pageInfo", "endCursor")}

    def _lines(self, since: str) -> dict[str, list[Line]]:
        """What was said since then, by conversation, oldest first: one list, for each request counts."""
        found: dict[str, list[Line]] = {}
        for line in self._pages("/v2/messages", {"created_after": since}):
            found.setdefault(str(line.get("conversationId")), []).insert(0, line)
        return found


def _document(told: dict[str, Any], lines: list[Line]) -> Document:
    heard = " ".join(str(each.get("text")) for each in lines if each.get("senderType") == "visitor")
    spoken = " ".join(str(each.get("text")) for each in lines if each.get("senderType") == "ai_profile")
    person = told.get("userId") is not None
    title = _("Conversation with %(visitor)s") % {"visitor": told.get("visitorId") or "?"}
    return without_nothing(
        {
            "external_id": item(told, "id"),
            "title": title[:200],
            "input": {"text": heard},
            "result": {"meetings": told.get("meetingIds") or []},
            "started_at": told.get("createdAt"),
            "finished_at": told.get("endedAt"),
            "steps": [said("conversation", heard, spoken)],
            "outputs": message(spoken, "meeting" if told.get("meetingIds") else "message"),
            "asks": handoff(_("A representative was asked for"), heard) if person else [],
        }
    )

"""Monaco (beta): public API, read in a copy of its OpenAPI document (connectors.md B5).

Sequences are its runs, tasks with a draft are what it asks of people, a template's block holds the context.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.connectors.contract import Capability, Document, Health, Kpi, Pushed, VendorError, sha256
from agents.connectors.documents import message, said, without_nothing
from agents.connectors.enums import Method, Problem, Rung, Way
from agents.connectors.online import Online, item, rows
from agents.engine import Json
from agents.fleet.enums import Vendor

LIVE = Capability(Way.LIVE)
BLOCK = Capability(Way.LIVE, gettext_lazy("a content block of the template named in its settings"))
PAGE = 100
DAY = dt.timedelta(days=1)


class Monaco(Online):
    """Its drafts wait for a person here, and what the person says goes back as the task."""

    vendor = Vendor.MONACO
    base_url = "https://api.monaco.com"
    secrets = ("api_key",)
    options = {"template_id": "", "block": "campaign", "campaign_id": "", "key_header": "Authorization"}
    declared = {
        Method.HEALTH: LIVE,
        Method.PULL: LIVE,
        Method.PULL_KPIS: LIVE,
        Method.PUSH_CONTEXT: BLOCK,
        Method.CONFIRM: BLOCK,
        Method.ANSWER: Capability(Way.LIVE, gettext_lazy("its drafted messages")),
        Method.PAUSE: Capability(Way.LIVE, gettext_lazy("the campaign named in its settings")),
        Method.RESUME: Capability(Way.LIVE, gettext_lazy("the campaign named in its settings")),
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def headers(self) -> dict[str, str]:
        """Bearer, as its page on sign-in says; the older header of its page on paging is a setting."""
        name, key = self.option("key_header"), self.secret("api_key")
        return {name: f"Bearer {key}" if name == "Authorization" else key}

    def health(self) -> Health:
        return self.tested("me", "GET", "/v1/me")

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        sequences = [_sequence(each) for each in self._listed("sequences", since)]
        drafts = [_draft(each) for each in self._listed("tasks", since) if each.get("message_draft")]
        return [*reversed(sequences), *reversed(drafts)]

    def pull_kpis(self, day: dt.date) -> list[Kpi]:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        found = [each for each in self._listed("sequences", start) if str(each.get("updated_at")) < str(start + DAY)]
        booked = sum(bool(each.get("meeting_booked_at")) for each in found)
        replied = sum(bool(each.get("responded_at")) for each in found)
        return [
            Kpi("meetings", day, Decimal(booked), len(found)),
            Kpi("replies", day, Decimal(replied), len(found)),
        ]

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """`stored` when the block, read back, holds exactly this text. Without a template to put it in: by hand."""
        if not (self.connection and self.connection.settings.get("template_id")):
            return self.by_hand(text)
        blocks, name = self._blocks(), self.option("block")
        kept = {each: {k: v for k, v in given.items() if not k.endswith("_at")} for each, given in blocks.items()}
        block = {"name": name, "block_type": "MANUAL", **kept.get(name, {}), "content": text}
        self.call("PATCH", self._template, body={"blocks": {**kept, name: block}}, key=key)
        return self.confirm(version_id, text) or Pushed(Rung.SENT, {"template": self._template}, sha256(text))

    def confirm(self, version_id: str, text: str) -> Pushed | None:
        held = str(self._blocks().get(self.option("block"), {}).get("content", ""))
        return Pushed(Rung.STORED, {"read_back": self._template}, sha256(held)) if held == text else None

    def answer(self, external_id: str, answer: Json, *, key: str) -> None:
        """An approved or edited draft goes out as the task's; a rejected one closes it unsent."""
        said = answer if isinstance(answer, dict) else {"proposal": answer}
        draft = said.get("proposal")
        told = {"status": "Done", **({"message_draft": draft} if isinstance(draft, dict) else {})}
        self.call("PATCH", f"/v1/tasks/{quote(external_id, safe='')}", body=told, key=key)

    def pause(self, *, key: str) -> None:
        self._campaign("PAUSED", key)

    def resume(self, *, key: str) -> None:
        self._campaign("ACTIVE", key)

    def deep_link(self) -> str:
        return self.agent.vendor_url or "https://app.monaco.com/"

    def _campaign(self, status: str, key: str) -> None:
        self.call("PATCH", f"/v1/campaigns/{self.part('campaign_id')}", body={"status": status}, key=key)

    @property
    def _template(self) -> str:
        return f"/v1/sequence-templates/{self.part('template_id')}"

    def _blocks(self) -> dict[str, dict[str, Any]]:
        found = item(self.call("GET", self._template).data, "data").get("blocks") or {}
        if not isinstance(found, dict):
            raise VendorError(Problem.BAD_REPLY, _("Its template holds no blocks where they are documented."))
        return found

    def _listed(self, entity: str, since: dt.datetime) -> Iterator[dict[str, Any]]:
        page, pages = 1, 1
        rule = {"field": "updated_at", "condition": "greater_than", "value": since.isoformat()}
        while page <= pages:
            asked = {"filters": [rule], "sort": "-updated_at", "page": page, "page_size": PAGE}
            data = self.call("POST", f"/v1/{entity}/list", body=asked).data
            yield from rows(data, "data")
            pages, page = int(item(data, "pagination", "total_pages")), page + 1


def _sequence(told: dict[str, Any]) -> Document:
    contact = told.get("contact") or {}
    failed = told.get("status") == "failed"
    spoken = str(told.get("last_interaction") or "")
    who = contact.get("name") or contact.get("email") or item(told, "id")
    return without_nothing(
        {
            "external_id": item(told, "id"),
            "status": "failed" if failed else "done",
            "title": (_("Sequence to %(contact)s") % {"contact": who})[:200],
            "input": {"contact": contact},
            "result": {"replied": bool(told.get("responded_at")), "meeting": bool(told.get("meeting_booked_at"))},
            "error": _("Monaco marks the sequence as failed.") if failed else "",
            "started_at": told.get("created_at"),
            "finished_at": told.get("updated_at"),
            "steps": [said("sequence", "", spoken)],
            "outputs": message(spoken, "meeting" if told.get("meeting_booked_at") else "message"),
        }
    )


def _draft(told: dict[str, Any]) -> Document:
    waits = told.get("status") != "Done"
    ask = {
        "id": item(told, "id"),
        "kind": "approval",
        "title": str(told.get("title") or _("A drafted message"))[:300],
        "detail": told.get("description") or "",
        "proposal": told.get("message_draft"),
    }
    return without_nothing(
        {
            "external_id": item(told, "id"),
            "status": "waiting" if waits else "done",
            "title": str(told.get("title") or "")[:200],
            "started_at": told.get("created_at"),
            "finished_at": None if waits else told.get("updated_at"),
            "asks": [ask] if waits else [],
        }
    )

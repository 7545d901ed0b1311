"""Momentum (momentum.io): documented API v1 (connectors.md B6). It reads meetings; people meet it in Slack."""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.connectors.contract import Capability, Document, Health, Kpi
from agents.connectors.documents import handoff, message, said, without_nothing
from agents.connectors.enums import Method, Way
from agents.connectors.online import Online, item, rows
from agents.fleet.enums import Vendor

LIVE = Capability(Way.LIVE)
PAGE = 50
DAY = dt.timedelta(days=1)


class Momentum(Online):
    """Meetings are its runs, the executions of its signals are what it wants people to look at."""

    vendor = Vendor.MOMENTUM
    base_url = "https://api.momentum.io"
    secrets = ("api_key",)
    options = {"signal_prompts": ""}
    declared = {
        Method.HEALTH: LIVE,
        Method.PULL: Capability(Way.LIVE, gettext_lazy("meetings, and the signals named in its settings")),
        Method.PULL_KPIS: LIVE,
        Method.PUSH_CONTEXT: Capability(Way.MANUAL, gettext_lazy("its prompts are edited on its own page")),
        Method.ANSWER: Capability(Way.MANUAL, gettext_lazy("in Slack or in the CRM")),
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.secret("api_key")}

    def health(self) -> Health:
        now = timezone.now()
        bounds = {"from": (now - DAY).isoformat(), "to": now.isoformat(), "pageNumber": 1, "pageSize": 1}
        return self.tested("meetings", "GET", "/v1/meetings", query=bounds)

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        until = timezone.now()
        meetings = [_meeting(each) for each in self._meetings(since, until)]
        prompts = str((self.connection.settings if self.connection else {}).get("signal_prompts", "")).split()
        return [*meetings, *(_signal(each) for prompt in prompts for each in self._signals(prompt, since, until))]

    def pull_kpis(self, day: dt.date) -> list[Kpi]:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        found = list(self._meetings(start, start + DAY))
        return [Kpi("meetings_read", day, Decimal(len(found)), len(found))]

    def deep_link(self) -> str:
        return self.agent.vendor_url or "https://app.momentum.io/"

    def _meetings(self, since: dt.datetime, until: dt.datetime) -> Iterator[dict[str, Any]]:
        page, pages = 1, 1
        while page <= pages:
            asked = {"from": since.isoformat(), "to": until.isoformat(), "pageNumber": page, "pageSize": PAGE}
            data = self.call("GET", "/v1/meetings", query=asked).data
            yield from rows(data, "meetings")
            pages, page = int(item(data, "pageCount")), page + 1

    def _signals(self, prompt: str, since: dt.datetime, until: dt.datetime) -> Iterable[dict[str, Any]]:
        bounds = {"executionFrom": since.isoformat(), "executionTo": until.isoformat()}
        return rows(
            self.call("GET", f"/v1/signals/{quote(prompt, safe='')}/executions", query=bounds).data, "executions"
        )


def _meeting(told: dict[str, Any]) -> Document:
    lines = (told.get("transcript") or {}).get("entries") or []
    heard = " ".join(str(line.get("text")) for line in lines[:1])
    spoken = " ".join(str(line.get("text")) for line in lines[1:])
    return without_nothing(
        {
            "external_id": item(told, "id"),
            "title": str(told.get("title") or "")[:200],
            "input": {"attendees": told.get("attendees") or []},
            "result": {"opportunity": told.get("salesforceOpportunityId")},
            "started_at": told.get("startTime"),
            "finished_at": told.get("endTime"),
            "steps": [said("meeting", heard, spoken)],
            "outputs": message(spoken),
        }
    )


def _signal(told: dict[str, Any]) -> Document:
    title = str(told.get("signalName") or _("Signal"))
    return without_nothing(
        {
            "external_id": told.get("id") or f"{title}-{told.get('triggeredAt')}-{told.get('salesforceOpportunityId')}",
            "title": title[:200],
            "input": {"prompt": told.get("prompt")},
            "started_at": told.get("triggeredAt"),
            "asks": handoff(title[:300], str(told.get("reason") or "")),
        }
    )

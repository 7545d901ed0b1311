"""Artisan (Ava): its documented API only takes leads in (connectors.md B3). Its work is read where it leaves it, in
Salesforce, by lead source; its campaigns are edited on its own page, so context is copied by hand."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.connectors.contract import Capability, Document, Health, Kpi
from agents.connectors.documents import handoff, message, said, without_nothing
from agents.connectors.enums import Method, Way
from agents.connectors.online import item
from agents.connectors.salesforce import Salesforce, literal
from agents.fleet.enums import Vendor

CRM = Capability(Way.LIVE, gettext_lazy("from the Salesforce org it writes to"))
HANDS = Capability(Way.MANUAL, gettext_lazy("its campaigns are edited on its own page"))
DAY = dt.timedelta(days=1)
LEADS = (
    "SELECT Id, Name, Email, Company, Status, Description, CreatedDate, LastModifiedDate FROM Lead "
    "WHERE LeadSource = {source} AND LastModifiedDate >= {since} ORDER BY LastModifiedDate"
)


class Artisan(Salesforce):
    """Ava's leads, as they stand in the CRM. The statuses that mean something are the org's own words: settings."""

    vendor = Vendor.ARTISAN
    options = {
        "api_version": "v64.0",
        "lead_source": "Artisan AI",
        "booked_status": "Meeting Booked",
        "handoff_status": "Needs Human",
    }
    declared = {
        Method.HEALTH: CRM,
        Method.PULL: CRM,
        Method.PULL_KPIS: CRM,
        Method.PUSH_CONTEXT: HANDS,
        Method.ANSWER: Capability(Way.MANUAL, gettext_lazy("approving is possible on its own page only")),
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def health(self) -> Health:
        return self.tested("limits", "GET", f"{self.data}/limits")

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        return [self._document(each) for each in self._leads(since)]

    def pull_kpis(self, day: dt.date) -> list[Kpi]:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        found = [each for each in self._leads(start) if str(each.get("LastModifiedDate")) < (start + DAY).isoformat()]
        booked = sum(each.get("Status") == self.option("booked_status") for each in found)
        return [Kpi("leads", day, Decimal(len(found)), len(found)), Kpi("meetings", day, Decimal(booked), len(found))]

    def deep_link(self) -> str:
        return self.agent.vendor_url or "https://app.artisan.co/"

    def _leads(self, since: dt.datetime) -> list[dict[str, Any]]:
        stamp = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return list(self.soql(LEADS.format(source=literal(self.option("lead_source")), since=stamp)))

    def _document(self, told: dict[str, Any]) -> Document:
        status, spoken = str(told.get("Status") or ""), str(told.get("Description") or "")
        contact = {name.lower(): told.get(name) for name in ("Name", "Email", "Company")}
        asks = handoff(_("A lead waits for a person"), spoken) if status == self.option("handoff_status") else []
        return without_nothing(
            {
                "external_id": item(told, "Id"),
                "title": (_("Lead %(name)s") % {"name": told.get("Name")})[:200],
                "input": {"contact": contact},
                "result": {"status": status},
                "started_at": told.get("CreatedDate"),
                "finished_at": told.get("LastModifiedDate"),
                "steps": [said("outreach", "", spoken)],
                "outputs": message(spoken, "meeting" if status == self.option("booked_status") else "message"),
                "asks": asks,
            }
        )

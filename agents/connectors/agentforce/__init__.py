"""Salesforce Agentforce: Agent API for questions, session tracing in Data 360 for its work, a record for its context.

The names of the tracing objects differ from org to org (connectors.md B2): they are settings.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.connectors.contract import Capability, Document, Health, Kpi, Pushed, Reply, VendorError, sha256
from agents.connectors.documents import handoff, message, said, without_nothing
from agents.connectors.enums import Method, Problem, Rung, Way
from agents.connectors.online import item, rows
from agents.connectors.salesforce import Salesforce, literal
from agents.fleet.enums import Vendor

LIVE = Capability(Way.LIVE)
RECORD = Capability(Way.LIVE, gettext_lazy("a record of its org that the agent must be grounded on"))
DAY = dt.timedelta(days=1)
ENDS = {"Escalated": "escalated", "Failed": "failed"}
SESSIONS = (
    "SELECT ssot__Id__c AS id, ssot__StartTimestamp__c AS started, ssot__EndTimestamp__c AS ended, "
    "ssot__AiAgentSessionEndType__c AS end_type, heard, spoken FROM {table} "
    "WHERE ssot__EndTimestamp__c >= {since} AND ssot__AiAgentApiName__c = {agent} ORDER BY ssot__EndTimestamp__c"
)


class Agentforce(Salesforce):
    """One agent of an Agentforce org. `sessions_table` is the org's view that joins sessions with their messages."""

    vendor = Vendor.AGENTFORCE
    options = {
        "api_version": "v64.0",
        "agent_api": "https://api.salesforce.com",
        "agent_id": "",
        "agent_name": "",
        "sessions_table": "Rollcall_Sessions__dlm",
        "context_object": "Campaign_Context__c",
    }
    declared = {
        Method.HEALTH: LIVE,
        Method.PULL: Capability(Way.LIVE, gettext_lazy("session tracing must be on, and its view be set up")),
        Method.PULL_KPIS: LIVE,
        Method.ASK: LIVE,
        Method.PUSH_CONTEXT: RECORD,
        Method.CONFIRM: RECORD,
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def health(self) -> Health:
        return self.tested("limits", "GET", f"{self.data}/limits")

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        return [_document(each) for each in self._sessions(since)]

    def pull_kpis(self, day: dt.date) -> list[Kpi]:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        ended = [each for each in self._sessions(start) if str(each.get("ended")) < (start + DAY).isoformat()]
        handed = sum(each.get("end_type") in ENDS for each in ended)
        return [
            Kpi("sessions", day, Decimal(len(ended)), len(ended)),
            Kpi("resolved", day, Decimal(len(ended) - handed), len(ended)),
        ]

    def ask(self, question: str, *, key: str) -> Reply | None:
        """A session of its own, ended afterwards: the Agent API takes one request at a time and knows no keys."""
        began = {
            "externalSessionKey": str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
            "instanceConfig": {"endpoint": self.url},
            "streamingCapabilities": {"chunkTypes": ["Text"]},
            "bypassUser": True,
        }
        agent = f"{self._agent_api}/agents/{self.part('agent_id')}/sessions"
        session = f"{self._agent_api}/sessions/{item(self.call('POST', agent, body=began).data, 'sessionId')}"
        try:
            asked = {"message": {"sequenceId": 1, "type": "Text", "text": question}, "variables": []}
            answer = self.call("POST", f"{session}/messages", body=asked)
        finally:
            self.call("DELETE", session, headers={**self.headers(), "x-session-end-reason": "UserRequest"})
        text = "\n".join(str(each.get("message") or "") for each in rows(answer.data, "messages")).strip()
        return Reply(text, {"session": session}, rehearsal=answer.rehearsal) if text else None

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """`stored` when the record, read back, holds exactly this text. An upsert: twice is the same."""
        told = {"Text__c": text, "Version__c": version_id}
        self.call("PATCH", self._context, body=told)
        return self.confirm(version_id, text) or Pushed(Rung.SENT, {"record": self._context}, sha256(text))

    def confirm(self, version_id: str, text: str) -> Pushed | None:
        held = self.call("GET", self._context).data or {}
        if item(held, "Text__c") != text:
            return None
        return Pushed(Rung.STORED, {"read_back": self._context, "version": held.get("Version__c")}, sha256(text))

    @property
    def _agent_api(self) -> str:
        return f"{self.option('agent_api').rstrip('/')}/einstein/ai-agent/v1"

    @property
    def _context(self) -> str:
        return self.record(self.option("context_object"), "Agent__c", self.option("agent_name"))

    def _sessions(self, since: dt.datetime) -> list[dict[str, Any]]:
        table = self.option("sessions_table")
        if not table.isidentifier():
            raise VendorError(Problem.SETUP, _("The name of its sessions table is no name."))
        bounds = {"since": literal(since.isoformat()), "agent": literal(self.option("agent_name"))}
        return list(self.sql(SESSIONS.format(table=table, **bounds)))


def _document(told: dict[str, Any]) -> Document:
    how = ENDS.get(str(told.get("end_type")), "")
    heard, spoken = str(told.get("heard") or ""), str(told.get("spoken") or "")
    return without_nothing(
        {
            "external_id": item(told, "id"),
            "status": "failed" if how == "failed" else "done",
            "title": (heard or _("Session"))[:200],
            "input": {"text": heard},
            "result": {"end": told.get("end_type")},
            "error": _("Agentforce ended the session as failed.") if how == "failed" else "",
            "started_at": told.get("started"),
            "finished_at": told.get("ended"),
            "steps": [said("session", heard, spoken)],
            "outputs": message(spoken, "message" if how else "resolution"),
            "asks": handoff(_("The agent handed a session over"), heard) if how == "escalated" else [],
        }
    )

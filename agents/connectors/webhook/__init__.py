"""Any agent with an address: it hears of things as signed Standard Webhooks, and reports by `/hooks/` or the API.

Each event is `{type, timestamp, data}`. What it may answer: to `context.published` and `context.requested`
`{"sha256": …}` of the text it holds; to `question.asked` `{"answer": …}`; to everything else any 2xx.
"""

import json
from typing import Any

from django.utils import timezone

from agents.base import http
from agents.connectors.contract import Capability, Health, Pushed, Reply, Telling, sha256
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.online import CAP, DEADLINE_S, Answer, Online, answered
from agents.connectors.signing import signed
from agents.engine import Json
from agents.fleet.enums import Vendor

HOOK = Capability(Way.WEBHOOK)


class Webhook(Online):
    """A generic webhook agent; its address is the connection's."""

    vendor = Vendor.WEBHOOK
    secrets = ("signing_secret",)
    declared = {
        Method.HEALTH: HOOK,
        Method.RECEIVE: HOOK,
        Method.ASK: HOOK,
        Method.PUSH_CONTEXT: HOOK,
        Method.CONFIRM: HOOK,
        Method.ANSWER: HOOK,
        Method.PAUSE: HOOK,
        Method.RESUME: HOOK,
        Method.DEEP_LINK: Capability(Way.MANUAL),
    }

    def health(self) -> Health:
        body, headers = self._event("ping", {}, f"ping-{timezone.now().timestamp()}")
        return self.tested("ping", "POST", "", body=body, headers=headers)

    def ask(self, question: str, *, key: str) -> Reply | None:
        answer = self._tell("question.asked", {"question": question}, key)
        text = answer.data.get("answer") if isinstance(answer.data, dict) else None
        return Reply(str(text), {"webhook_id": key}, rehearsal=answer.rehearsal) if text else None

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """`stored` when it answers with the hash of exactly this text, else `sent`."""
        if self.connection is None:
            return self.by_hand(text)
        return _pushed(text, key, self._tell("context.published", self._told_of(text, version_id), key))

    def tell_soon(self, text: str, *, version_id: str, key: str, until: float) -> Telling | None:
        if self.connection is None:
            return None
        body, headers = self._event("context.published", self._told_of(text, version_id), key)
        asked = {"body": body, "headers": headers, "deadline": DEADLINE_S, "cap": CAP}
        reply = http.soon("POST", self.url, until=until, **asked)
        return Telling(reply, lambda: _pushed(text, key, answered(reply.result)))

    def confirm(self, version_id: str, text: str) -> Pushed | None:
        key = f"confirm-{version_id}-{timezone.now().timestamp()}"
        held = _held(self._tell("context.requested", {"agent": self.agent.slug, "version": version_id}, key))
        return Pushed(Rung.STORED, {"read_back": held}, held) if held == sha256(text) else None

    def answer(self, external_id: str, answer: Json, *, key: str) -> None:
        self._tell("exception.answered", {"id": external_id, "answer": answer}, key)

    def pause(self, *, key: str) -> None:
        self._tell("agent.paused", {"agent": self.agent.slug}, key)

    def resume(self, *, key: str) -> None:
        self._tell("agent.resumed", {"agent": self.agent.slug}, key)

    def _told_of(self, text: str, version_id: str) -> dict[str, Json]:
        return {"agent": self.agent.slug, "version": version_id, "text": text, "sha256": sha256(text)}

    def _tell(self, kind: str, data: dict[str, Json], key: str) -> Answer:
        body, headers = self._event(kind, data, key)
        return self.call("POST", "", body=body, headers=headers)

    def _event(self, kind: str, data: dict[str, Json], key: str) -> tuple[bytes, dict[str, str]]:
        event: dict[str, Any] = {"type": kind, "timestamp": timezone.now().isoformat(), "data": data}
        body = json.dumps(event).encode()
        kinds = {"Accept": "application/json", "Content-Type": "application/json"}
        return body, {**kinds, **signed(self.secret("signing_secret"), key, body)}


def _pushed(text: str, key: str, answer: Answer) -> Pushed:
    held, wanted = _held(answer), sha256(text)
    return Pushed(Rung.STORED if held == wanted else Rung.SENT, {"webhook_id": key, "said": held}, wanted)


def _held(answer: Answer) -> str:
    return str(answer.data.get("sha256", "")) if isinstance(answer.data, dict) else ""

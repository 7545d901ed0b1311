"""Any agent with an address: it hears of things as signed Standard Webhooks, and reports by `/hooks/` or the API.

Each event is `{type, timestamp, data}`. What it may answer: to `context.published` and `context.requested`
`{"sha256": …}` of the text it holds; to `question.asked` `{"answer": …}`; to everything else any 2xx.
"""

import json
from typing import Any

from django.utils import timezone

from agents.connectors.contract import Capability, Health, Pushed, Reply, sha256
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.online import Answer, Online
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
        wanted = sha256(text)
        told = {"agent": self.agent.slug, "version": version_id, "text": text, "sha256": wanted}
        held = _held(self._tell("context.published", told, key))
        return Pushed(Rung.STORED if held == wanted else Rung.SENT, {"webhook_id": key, "said": held}, wanted)

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

    def _tell(self, kind: str, data: dict[str, Json], key: str) -> Answer:
        body, headers = self._event(kind, data, key)
        return self.call("POST", "", body=body, headers=headers)

    def _event(self, kind: str, data: dict[str, Json], key: str) -> tuple[bytes, dict[str, str]]:
        event: dict[str, Any] = {"type": kind, "timestamp": timezone.now().isoformat(), "data": data}
        body = json.dumps(event).encode()
        return body, {"Content-Type": "application/json", **signed(self.secret("signing_secret"), key, body)}


def _held(answer: Answer) -> str:
    return str(answer.data.get("sha256", "")) if isinstance(answer.data, dict) else ""

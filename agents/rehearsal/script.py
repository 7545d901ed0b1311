"""Scripted behaviours: what the next requests will meet instead of, or around, an honest answer."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MODEL = "model"
KINDS = (
    *("ok", "429", "500", "hang", "slow", "cut_stream", "bad_json", "empty"),
    *("html", "wrong_model", "huge", "reply", "error_body"),
)
_KEPT = 200
_PRIVATE = frozenset({"authorization", "proxy-authorization", "cookie", "api-key", "x-api-key"})

Behaviour = Mapping[str, Any]
OK: Behaviour = {"kind": "ok"}


class BadScript(ValueError):
    """A script that cannot be played; the message says why in plain words."""


@dataclass
class Script:
    """Behaviours waiting to be met, by whom they are for: the model, or a vendor by name."""

    waiting: defaultdict[str, deque[Behaviour]] = field(default_factory=lambda: defaultdict(deque))

    def add(self, listed: Any) -> int:
        """Queue a list of behaviours ("ok", or {"kind": …, "for": vendor, "times": n, …}); gives how many.

        Raises BadScript, and queues nothing, when one of them is unknown.
        """
        if not isinstance(listed, list):
            raise BadScript("A script is a list of behaviours.")
        read: list[Any] = [{"kind": one} if isinstance(one, str) else one for one in listed]
        for one in read:
            if not isinstance(one, dict) or one.get("kind") not in KINDS:
                raise BadScript(f"Unknown behaviour {one!r}. Known kinds: {', '.join(KINDS)}.")
        played = [one for one in read for _ in range(one.get("times", 1))]
        for one in played:
            self.waiting[one.get("for", MODEL)].append(one)
        return len(played)

    def take(self, whom: str) -> Behaviour:
        """The next behaviour for the model or a vendor; ok when none waits."""
        queue = self.waiting[whom]
        return queue.popleft() if queue else OK


@dataclass
class Calls:
    """The requests that came, with every header that is no credential; the last 200 are kept."""

    count: int = 0
    kept: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def note(self, path: str, headers: Mapping[str, str], body: Any) -> None:
        """Remember one request."""
        shown = {name.lower(): value for name, value in headers.items() if name.lower() not in _PRIVATE}
        self.count += 1
        self.kept.append({"path": path, "headers": shown, "body": body})


@dataclass
class State:
    """All that the process remembers; `effects` holds each vendor's requests in the order they came.

    `accounts` are the customers of the demo vendors, by vendor and credential.
    """

    script: Script = field(default_factory=Script)
    calls: Calls = field(default_factory=Calls)
    effects: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    accounts: dict[tuple[str, str], Any] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget everything."""
        self.script, self.calls, self.effects, self.accounts = Script(), Calls(), defaultdict(list), {}

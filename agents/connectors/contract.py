"""What every adapter can be asked, whatever the system behind it: declared and done, or refused in plain words.

`agents.connectors.registry.adapter(agent)` gives the one of an agent. Every effect takes an idempotency key: the same
key again has no second effect where the system knows such keys, and is harmless where it does not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.base.errors import Refused
from agents.connectors.enums import Method, Problem, Rung, Way
from agents.engine import Json
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent

if TYPE_CHECKING:
    from concurrent.futures import Future

    from agents.base.http import Reply as HttpReply
    from agents.connectors.models import Connection

Document = dict[str, Any]
"""One run as somebody else tells it, in the words `agents.connectors.ingest` takes."""


class NotSupported(Refused):
    """This agent's system cannot do that, or the connection does not say how."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message, "not_supported")


class VendorError(Refused):
    """The agent's system did not do it. `kind` is why; `retry_after` (seconds) when it says when to come again.

    `unsent`: nobody asked it, because its host keeps failing and is left alone for a moment, or its turn did not come.
    """

    status = 502

    def __init__(self, kind: Problem, message: str, retry_after: float | None = None, *, unsent: bool = False) -> None:
        super().__init__(message, kind.value)
        self.kind, self.unsent = kind, unsent
        if kind == Problem.SETUP:  # ours to put right, not the vendor's
            self.status = NotSupported.status
        self.retry_after = retry_after

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in (Problem.RATE, Problem.DOWN)


@dataclass(frozen=True)
class Capability:
    """How a method is done. `tried` says whether a live account has answered a connection test."""

    way: Way
    note: str | Promise = ""
    tried: bool = True


NONE = Capability(Way.NONE)
BY_OTHERS = Capability(Way.FILE, gettext_lazy("a file of its runs, the API, or a webhook of somebody else"))
"""Whatever an agent is, somebody may report its runs."""


@dataclass(frozen=True)
class Health:
    """The connection was tested and answers. `rehearsal`: it was a stand-in that answered, not the vendor."""

    detail: str
    took_ms: int
    rehearsal: bool = False


@dataclass(frozen=True)
class Kpi:
    """What the agent's system counts itself, for one day."""

    key: str
    day: dt.date
    value: Decimal
    sample_size: int = 0


@dataclass(frozen=True)
class Reply:
    """What the agent answered."""

    text: str
    evidence: Mapping[str, Json] = field(default_factory=dict)
    cost_micros: int = 0
    rehearsal: bool = False


@dataclass(frozen=True)
class Pushed:
    """How far a text got, on which evidence; `sha256` is of the text that is known to be there, else of what was sent.

    `manual_pending` carries in `evidence` the `text` to copy and the `deep_link` to copy it to.
    """

    rung: Rung
    evidence: Mapping[str, Json]
    sha256: str


@dataclass(frozen=True)
class Telling:
    """A text on its way to an agent. Once the reply is there, `read` says what it means; it raises `VendorError`."""

    reply: Future[HttpReply]
    read: Callable[[], Pushed]


def sha256(text: str) -> str:
    """Of the text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


class Adapter:
    """One agent's system. Methods raise `NotSupported` unless declared, and `VendorError` when the system fails."""

    vendor: ClassVar[Vendor]
    declared: ClassVar[Mapping[Method, Capability]]
    secrets: ClassVar[tuple[str, ...]] = ()
    """Names of the credentials a connection needs."""
    options: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Names of the connection's settings, each with what it is without one."""
    base_url: ClassVar[str] = ""
    """Where the vendor documents its API; a connection may say another."""

    def __init__(self, agent: Agent, connection: Connection | None = None) -> None:
        self.agent, self.connection = agent, connection

    @property
    def capabilities(self) -> dict[Method, Capability]:
        """Every method, honestly: what nobody has tried on a live account says so."""
        usual = {} if self.vendor == Vendor.OURS else {Method.RECEIVE: BY_OTHERS}
        return {method: self._told({**usual, **self.declared}.get(method, NONE)) for method in Method}

    def can(self, method: Method) -> bool:
        """Whether we can do it from here, without anybody's hands."""
        return self.capabilities[method].way in (Way.LIVE, Way.WEBHOOK)

    def health(self) -> Health:
        """Ask the system something harmless."""
        raise self._cannot(Method.HEALTH)

    def pull(self, since: dt.datetime) -> Iterable[Document]:
        """What the agent did since then, oldest first. The same run may come again: its external id is the same."""
        raise self._cannot(Method.PULL)

    def pull_kpis(self, day: dt.date) -> list[Kpi]:
        """What the system counts itself for a day."""
        raise self._cannot(Method.PULL_KPIS)

    def ask(self, question: str, *, key: str) -> Reply | None:
        """Ask the agent; None when it said nothing."""
        raise self._cannot(Method.ASK)

    def push_context(self, text: str, *, version_id: str, key: str) -> Pushed:
        """Give the agent this text to know, in place of an earlier version's."""
        if self.declared.get(Method.PUSH_CONTEXT, NONE).way == Way.MANUAL:
            return Pushed(Rung.MANUAL_PENDING, {"text": text, "deep_link": self.deep_link()}, sha256(text))
        raise self._cannot(Method.PUSH_CONTEXT)

    def tell_soon(self, text: str, *, version_id: str, key: str, until: float) -> Telling | None:
        """`push_context` that does not wait, within `http.shared`; None where it takes more than one request.

        What has not begun `until` then (`time.monotonic`) is not sent.
        """
        return None

    def confirm(self, version_id: str, text: str) -> Pushed | None:
        """Read back what the system holds: `stored` when it is exactly this text, None when it is not."""
        raise self._cannot(Method.CONFIRM)

    def answer(self, external_id: str, answer: Json, *, key: str) -> None:
        """Tell the agent what a person said to the question it asked under this id."""
        raise self._cannot(Method.ANSWER)

    def pause(self, *, key: str) -> None:
        """Stop the agent at its vendor."""
        raise self._cannot(Method.PAUSE)

    def resume(self, *, key: str) -> None:
        """Let the agent go on at its vendor."""
        raise self._cannot(Method.RESUME)

    def deep_link(self) -> str:
        """The agent's own page at its vendor; empty when nobody has said where."""
        return self.agent.vendor_url

    def _told(self, capability: Capability) -> Capability:
        live = capability.way == Way.LIVE and self.vendor != Vendor.OURS
        tried = not live or (self.connection is not None and self.connection.tried_live)
        return Capability(capability.way, capability.note, tried)

    def _cannot(self, method: Method) -> NotSupported:
        told = {"agent": self.agent.name, "what": method.label, "vendor": self.agent.get_vendor_display()}
        return NotSupported(_("%(vendor)s offers no way to do this for %(agent)s: “%(what)s”.") % told)

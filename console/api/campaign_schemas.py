"""Campaigns over the wire, in the words of the design."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from campaigns.enums import AppliesTo, Rung, VersionState

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Lines = Annotated[list[Line], Field(max_length=20)]


class CampaignIn(Schema):
    model_config = {"extra": "forbid"}

    name: str = Field(min_length=1, max_length=120)


class CampaignOut(Schema):
    id: uuid.UUID
    name: str
    created_at: dt.datetime


class Facts(Schema):
    """Only what is given changes. Price in micro-units; times with their zone.

    `wordings`: by language (`es`), what each text is in it, by the text as written.
    """

    model_config = {"extra": "forbid"}

    offer: str = Field("", max_length=200)
    price_micros: int | None = Field(None, ge=0, le=10**15)
    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    zone: str = Field("UTC", max_length=64)
    audience: str = Field("", max_length=300)
    say: Lines = []
    never_say: Lines = []
    claims: Lines = []
    links: Lines = []
    languages: Annotated[list[Annotated[str, Field(max_length=10)]], Field(max_length=20)] = []
    wordings: dict[str, dict[str, str]] = {}
    brief: str = Field("", max_length=10_000)
    applies_to: AppliesTo = AppliesTo.IN_FLIGHT


class DraftIn(Facts):
    """With the `revision` that was read, an edit made meanwhile is not overwritten: 409."""

    revision: int | None = None


class VersionOut(Schema):
    """`recipients`: how it was validated: `excluded` by short name with the reasons, `canaries`, `auto_release`."""

    id: uuid.UUID
    campaign: uuid.UUID = Field(alias="campaign_id")
    number: int
    state: VersionState
    state_since: dt.datetime
    revision: int
    offer: str
    price_micros: int | None
    currency: str
    valid_from: dt.datetime | None
    valid_to: dt.datetime | None
    zone: str
    audience: str
    say: list[str]
    never_say: list[str]
    claims: list[str]
    links: list[str]
    languages: list[str]
    wordings: dict[str, dict[str, str]]
    brief: str
    applies_to: AppliesTo
    signed: list[dict[str, str]]
    recipients: dict[str, Any]


class RecipientsIn(Schema):
    """`agents`: short names; none means every agent. `signed`: keys of the warnings you answer for. `excluded`: who is
    left out, by short name, and why. `canaries`: who is told first; `auto_release`: the rest follows by itself.
    """

    model_config = {"extra": "forbid"}

    agents: list[str] | None = Field(None, max_length=1000)
    signed: list[str] = Field([], max_length=100)
    excluded: dict[str, Line] = {}
    canaries: list[str] = Field([], max_length=1000)
    auto_release: bool = False


class ReceiptOut(Schema):
    rung: Rung
    at: dt.datetime
    evidence: dict[str, Any]
    sha256: str


class DeliveryOut(Schema):
    """`recalled`: its agent has confirmed the recall of what `state` says it was told."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    state: Rung
    state_since: dt.datetime
    on_hold: bool
    recalled: bool
    text: str
    sha256: str
    error: str
    receipts: list[ReceiptOut]

    @staticmethod
    def resolve_receipts(delivery: Any) -> Any:
        return list(delivery.receipts.all())


class BroadcastOut(Schema):
    """`asked`: agents of others, whose owners now have a request."""

    id: uuid.UUID
    campaign: uuid.UUID = Field(alias="campaign_id")
    version: uuid.UUID | None = Field(alias="version_id")
    number: int
    recalls: uuid.UUID | None = Field(alias="recalls_id")
    created_at: dt.datetime
    asked: list[str]
    deliveries: list[DeliveryOut]

    @staticmethod
    def resolve_asked(sent: Any) -> Any:
        requests = sent.version.requests.all() if sent.version else []
        return [request.agent.slug for request in requests if request.state == "open"]

    @staticmethod
    def resolve_deliveries(sent: Any) -> Any:
        return list(sent.deliveries.all())


class ApproveIn(Schema):
    """`revision` is the one that was read: what was edited since is not approved."""

    model_config = {"extra": "forbid"}

    revision: int


class ResultOut(Schema):
    """What one agent did on a version: of ours the runs that were given it, of others those begun since it was
    confirmed. `cost` in micro-units of `currency`, null where no run tells it; where several currencies meet it is null
    and `costs` has each. `kpis` summed over days, the first included.
    """

    agent: str = Field(alias="agent.slug")
    runs: int
    outputs: int
    cost: int | None
    currency: str
    costs: dict[str, int] | None
    last: dt.datetime | None
    kpis: dict[str, Decimal]


class RecallIn(Schema):
    model_config = {"extra": "forbid"}

    reason: str = Field(min_length=1, max_length=300)


class ByHandIn(Schema):
    """What was seen at the vendor's, and the minutes it took."""

    model_config = {"extra": "forbid"}

    evidence: str = Field(min_length=1, max_length=2000)
    minutes: int = Field(ge=0, le=480)


class ContextPart(Schema):
    """One campaign's; `text` is exactly what its hash is of."""

    campaign: str = Field(alias="rendering.version.campaign.name")
    version: uuid.UUID = Field(alias="rendering.version_id")
    number: int = Field(alias="rendering.version.number")
    text: str
    sha256: str


class ContextOut(Schema):
    """Everything an agent is to know now, as one text and by campaign."""

    text: str
    sha256: str
    parts: list[ContextPart] = Field(alias="deliveries")

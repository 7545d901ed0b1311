"""Agents, and what several endpoints take, as it goes over the wire, in the words of the design."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from agents.fleet.enums import Function, Lifecycle, OwnerRole, Vendor


class OwnerOut(Schema):
    email: str = Field(alias="user.email")
    name: str = Field(alias="user.name")
    role: OwnerRole
    acting: bool
    since: dt.datetime


class StatusOut(Schema):
    state: str
    since: dt.datetime
    evidence: dict[str, Any]
    observed_at: dt.datetime


class AgentOut(Schema):
    id: uuid.UUID
    slug: str
    name: str
    native_name: str
    vendor: Vendor
    function: Function
    language: str
    personality: str
    requirements: str
    purpose: str
    vendor_url: str
    outcome: str
    value_per_outcome_micros: int
    waiting_cost_micros_per_hour: int
    currency: str
    lifecycle: Lifecycle
    lifecycle_since: dt.datetime
    lifecycle_reason: str
    running_since: dt.date | None
    version: int
    status: StatusOut | None
    owners: list[OwnerOut]

    @staticmethod
    def resolve_status(agent: Any) -> Any:
        return getattr(agent, "status", None)

    @staticmethod
    def resolve_owners(agent: Any) -> Any:
        return list(agent.owners.all())


class Profile(Schema):
    """What people write about an agent."""

    model_config = {"extra": "forbid"}

    native_name: str = Field("", max_length=120)
    language: str = Field("en", max_length=10)
    personality: str = Field("", max_length=5000)
    requirements: str = Field("", max_length=5000)
    purpose: str = Field("", max_length=5000)
    vendor_url: str = Field("", max_length=200)
    outcome: str = Field("", max_length=60)
    value_per_outcome_micros: int = Field(0, ge=0, le=10**15)
    waiting_cost_micros_per_hour: int = Field(0, ge=0, le=10**15)
    currency: str = Field("USD", pattern="^[A-Z]{3}$")


class SeatIn(Schema):
    model_config = {"extra": "forbid"}

    email: str = Field(max_length=254)
    role: OwnerRole


class AgentIn(Profile):
    """`override_reason`: why the Chief Agent Officer adds an agent although the limit on new ones is reached."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    name: str = Field(min_length=1, max_length=120)
    vendor: Vendor
    function: Function
    running_since: dt.date | None = None
    owners: list[SeatIn] = Field(min_length=1, max_length=20)
    override_reason: str = Field("", max_length=300)


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class AgentEditIn(Profile):
    """Only what is given changes."""

    model_config = {"extra": "forbid", "json_schema_extra": _without_defaults}

    name: str = Field("", min_length=1, max_length=120)
    vendor: Vendor = Vendor.OURS
    function: Function = Function.SUPPORT
    version: int | None = None


class RoleIn(Schema):
    model_config = {"extra": "forbid"}

    role: OwnerRole


class NoteIn(Schema):
    model_config = {"extra": "forbid"}

    note: str = Field(min_length=1, max_length=1000)


class ReasonIn(Schema):
    model_config = {"extra": "forbid"}

    reason: str = Field("", max_length=300)


class KpiTargetIn(Schema):
    model_config = {"extra": "forbid"}

    target: Decimal = Field(max_digits=18, decimal_places=4)
    unit: str = Field("", max_length=20)
    better: Literal["higher", "lower"] = "higher"


class KpiTargetOut(Schema):
    key: str
    target: Decimal
    unit: str
    better: str


class ModelsIn(Schema):
    """Names at the configured endpoint, by tier, for all of the team's agents. A tier left out uses the nearest one."""

    model_config = {"extra": "forbid"}

    cheap: str = Field("", max_length=120)
    standard: str = Field("", max_length=120)
    premium: str = Field("", max_length=120)


class AssignmentIn(Schema):
    """Amounts are decimal text such as "0.50", in USD: the only currency of budgets today. `because`: why, of a heavy
    pattern. `otherwise`: the flow that a run takes whose plan wants another route; left out, it stays as it is."""

    model_config = {"extra": "forbid"}

    flow: str = Field("triage", max_length=60)
    because: str = Field("", max_length=300)
    otherwise: str | None = Field(None, max_length=60)
    models: ModelsIn = Field(default_factory=lambda: ModelsIn.model_validate({}))
    run_cap: str = Field("0.5", max_length=21)
    day_cap: str = Field("20", max_length=21)
    currency: Literal["USD"] = "USD"
    cost_center: str = Field("", max_length=60)


class AssignmentOut(Schema):
    flow: str = Field(alias="flow_version.flow.slug")
    version: int = Field(alias="flow_version.number")
    run_cap_micros: int
    day_cap_micros: int
    currency: str = "USD"
    cost_center: str

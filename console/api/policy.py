"""The team's policy over the wire: what holds, every version there was, and writing the next."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from agents.fleet.actions import set_policy
from agents.fleet.queries.policies import versions
from console.api.access import CONFIGURE, READ, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["policy"])


class PolicyOut(Schema):
    """`rules` as `PUT /policy` takes them, with `second_person_above` by agent where there is one."""

    number: int
    statement: str
    rules: dict[str, Any]
    author: str | None
    created_at: dt.datetime

    @staticmethod
    def resolve_author(version: Any) -> str | None:
        return version.created_by.email if version.created_by else None


class PolicyIn(Schema):
    """All of the rules, in place of those before. `seen`: the number that was changed, to hear of a faster one."""

    model_config = {"extra": "forbid"}

    statement: str = Field(min_length=1, max_length=5000)
    rules: dict[str, Any]
    seen: int | None = None


@router.get("/policy", response=Page[PolicyOut], auth=READ)
def list_policies(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The first is the one that holds."""
    return newest(versions(token_of(request).team_id).order_by(), paging)


@router.put("/policy", response=PolicyOut, auth=CONFIGURE)
@once
def put_policy(request: HttpRequest, body: PolicyIn) -> Status[PolicyOut]:
    """Holds from the next step that asks for it; what does not fit is named."""
    version = set_policy(token_of(request).team, actor=caller(request), **body.model_dump())
    return Status(200, PolicyOut.from_orm(version))

"""When people work and what they answer for."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from agents.fleet.enums import Function
from agents.people.actions import set_availability as set_it
from agents.people.actions.availability import Available
from agents.people.enums import Language
from agents.people.models import Availability
from console.api.access import CONFIGURE, READ, caller, member, token_of
from console.api.idempotency import once

router = Router(tags=["absences"])


class AvailabilityIn(Schema):
    """All of it, in place of what was said before; empty is no limit. `days`: 1 is Monday; hours in the person's zone.

    Without an address it is the token's person.
    """

    model_config = {"extra": "forbid"}

    email: str = ""
    days: list[int] = Field([], max_length=7)
    starts: dt.time | None = None
    ends: dt.time | None = None
    languages: list[Language] = []
    functions: list[Function] = []
    most_open: int | None = Field(None, ge=1, le=1000)


class AvailabilityOut(Schema):
    email: str = Field(alias="user.email")
    zone: str = Field(alias="user.zone")
    days: list[int]
    starts: dt.time | None
    ends: dt.time | None
    languages: list[str]
    functions: list[str]
    most_open: int | None


@router.get("/availability", response=list[AvailabilityOut], auth=READ)
def list_availability(request: HttpRequest) -> Any:
    """Of everybody in the team who said anything."""
    team = token_of(request).team
    said = Availability.objects.filter(user__memberships__team=team, user__is_active=True)
    return said.select_related("user").order_by("user__name", "user_id")


@router.put("/availability", response=AvailabilityOut, auth=CONFIGURE)
@once
def set_availability(request: HttpRequest, body: AvailabilityIn) -> Status[AvailabilityOut]:
    given = body.model_dump()
    email = given.pop("email")
    user = member(token_of(request).team, email) if email else caller(request)
    return Status(200, AvailabilityOut.from_orm(set_it(user, Available(**given), actor=caller(request))))

"""Days on which people are away."""

import datetime as dt
import uuid

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from agents.fleet.queries import left_alone
from agents.people.actions import declare_absence, end_absence
from agents.people.models import Absence
from agents.people.queries import absences
from console.api.access import CONFIGURE, READ, caller, member, token_of
from console.api.idempotency import once

router = Router(tags=["absences"])


class AbsenceIn(Schema):
    """Both days included, in `zone` or the person's own. Without an address it is the token's person."""

    first: dt.date
    last: dt.date
    zone: str = ""
    email: str = ""


class AbsenceOut(Schema):
    """`left_alone`: the agents that nobody answers for at some moment of it."""

    id: uuid.UUID
    email: str
    first: dt.date
    last: dt.date
    zone: str
    since: dt.datetime
    until: dt.datetime
    ended_at: dt.datetime | None
    left_alone: list[str]


def _out(absence: Absence, request: HttpRequest) -> AbsenceOut:
    alone = left_alone(absence).filter(team=token_of(request).team).values_list("slug", flat=True)
    told = {name: getattr(absence, name) for name in ("id", "first", "last", "zone", "since", "until", "ended_at")}
    return AbsenceOut(**told, email=absence.user.email, left_alone=list(alone))


def _ahead(request: HttpRequest) -> QuerySet[Absence]:
    return absences(token_of(request).team)


@router.get("/absences", response=list[AbsenceOut], auth=READ)
def list_absences(request: HttpRequest) -> list[AbsenceOut]:
    """Who is away and who will be, the next first."""
    return [_out(absence, request) for absence in _ahead(request)]


@router.post("/absences", response={201: AbsenceOut}, auth=CONFIGURE)
@once
def create_absence(request: HttpRequest, body: AbsenceIn) -> Status[AbsenceOut]:
    """Reviews, approvals and escalations go to the next owner in the meantime."""
    user = member(token_of(request).team, body.email) if body.email else caller(request)
    absence = declare_absence(user, first=body.first, last=body.last, zone=body.zone, actor=caller(request))
    return Status(201, _out(absence, request))


@router.post("/absences/{uuid:pk}/end", response=AbsenceOut, auth=CONFIGURE)
@once
def finish_absence(request: HttpRequest, pk: uuid.UUID) -> Status[AbsenceOut]:
    """Back early, or staying after all."""
    absence = _ahead(request).filter(pk=pk).first()
    if absence is None:
        raise Http404
    return Status(200, _out(end_absence(absence, actor=caller(request)), request))

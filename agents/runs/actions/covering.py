"""While somebody is away, what is theirs is their cover's; what is still open when they are back is theirs again."""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.hooks import notify
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.queries import covers, left_alone, left_to_one
from agents.people import verbs as people_verbs
from agents.people.actions.absences import note_absence
from agents.people.models import Absence, User
from agents.people.queries import AWAY, away
from agents.runs import verbs, wording
from agents.runs.actions.exceptions import note_exception, raise_exception
from agents.runs.enums import ExceptionKind, ExceptionState, ItemState, Severity
from agents.runs.models import ReviewItem

BATCH = 500
LONG = dt.timedelta(days=14)
"""Away for longer than this, an agent needs a second owner meanwhile (requirements 5.3: two owners within 14 days)."""
IDLE = Q(state__in=[ItemState.OPEN, ItemState.SNOOZED], exception__state=ExceptionState.OPEN)


def cover_absences() -> None:
    """What begins, what is whose turn meanwhile, and what goes back; what somebody is on or holds stays with them."""
    for pk in list(Absence.objects.filter(AWAY, began_at=None).values_list("pk", flat=True)):
        _begin(pk)
    _hand_over()
    gone = away().filter(user=OuterRef("covers_for"))
    over = ReviewItem.objects.filter(IDLE, covers_for__isnull=False).exclude(Exists(gone))
    for pk in list(over.values_list("pk", flat=True)[:BATCH]):
        _give_back(pk)


@transaction.atomic
def _begin(pk: uuid.UUID) -> None:
    """Said once; where nobody is left to answer for an agent, or for long only one is, somebody must be appointed."""
    rows = Absence.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("user")
    if (absence := rows.filter(AWAY, pk=pk, began_at=None).first()) is None:
        return
    absence.began_at = timezone.now()
    absence.save(update_fields=["began_at"])
    note_absence(people_verbs.ABSENCE_BEGAN, absence)
    alone = set(left_alone(absence))
    for agent in left_to_one(absence) if absence.until - absence.since > LONG else alone:
        _ask_for_owner(agent, absence, nobody=agent in alone)


def _ask_for_owner(agent: Agent, absence: Absence, *, nobody: bool) -> None:
    told = {"person": absence.user, "last": absence.last.isoformat()}
    raise_exception(
        agent,
        kind=ExceptionKind.OWNERS,
        severity=Severity.HIGH if nobody else Severity.MEDIUM,
        title=wording.OWNER_WANTED % {"agent": agent},
        detail=(wording.EVERYBODY_AWAY if nobody else wording.LONG_AWAY) % told,
        cause="owner_away",
        actor=SYSTEM,
    )


def _hand_over() -> None:
    """All of it each time, so that what is raised meanwhile is handed over too."""
    gone = list(away().values_list("user", flat=True))
    if not gone:  # else everything that is open would be read
        return
    primary = list(AgentOwner.objects.filter(role=OwnerRole.PRIMARY, user__in=gone).values_list("agent", flat=True))
    theirs = ReviewItem.objects.filter(IDLE).filter(Q(assignee__in=gone) | Q(assignee=None, agent__in=primary))
    waiting = list(theirs.order_by("-rank").values_list("pk", "agent")[:BATCH])
    meanwhile = covers({agent for _pk, agent in waiting}) if waiting else {}
    for pk, agent in waiting:
        if agent in meanwhile:
            _turn(pk, meanwhile[agent])


@transaction.atomic
def _turn(pk: uuid.UUID, to: User) -> None:
    item = _locked(ReviewItem.objects.filter(pk=pk))
    if item is None or (before := _whose(item)) in (None, to):
        return
    item.covers_for, item.assignee = item.covers_for or before, to
    _move(item, verbs.ITEM_COVERED, before, to)


@transaction.atomic
def _give_back(pk: uuid.UUID) -> None:
    item = _locked(ReviewItem.objects.filter(pk=pk, covers_for__isnull=False))
    if item is None or item.covers_for is None:
        return
    before, item.assignee, item.covers_for = item.assignee, item.covers_for, None
    _move(item, verbs.ITEM_GIVEN_BACK, before, item.assignee)


def _locked(rows: QuerySet[ReviewItem]) -> ReviewItem | None:
    """Asked again under the lock: somebody may be on it by now."""
    found = rows.filter(IDLE).select_related("exception__agent", "assignee", "covers_for")
    return found.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()


def _whose(item: ReviewItem) -> User | None:
    """Whose turn it is, if they are away."""
    gone = User.objects.filter(Exists(away().filter(user=OuterRef("pk"))))
    if item.assignee_id:
        return gone.filter(pk=item.assignee_id).first()
    return gone.filter(ownerships__agent=item.agent_id, ownerships__role=OwnerRole.PRIMARY).first()


def _move(item: ReviewItem, verb: str, before: User | None, to: User) -> None:
    item.save(update_fields=["assignee", "covers_for"])
    if item.exception:
        told = {"before": before and before.pk, "from": str(before or ""), "after": to.pk, "to": str(to)}
        note_exception(verb, item.exception, SYSTEM, **told)
    notify("queue")

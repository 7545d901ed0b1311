"""Approving the quiet agents in one act that leaves one decision and one line in the trail for each."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.people.models import User
from agents.runs.actions.reviews import BATCH, settle_review, still_open
from agents.runs.enums import DecisionKind
from agents.runs.models import DailyReview, Decision
from agents.runs.queries import digests, is_well, off_target


@dataclass(frozen=True)
class Batch:
    """What was approved, and what was left for a closer look because it was decided or is no longer quiet."""

    approved: list[Decision]
    left: list[DailyReview]


@transaction.atomic
def batch_approve(reviews: Collection[DailyReview], *, actor: User, until: dt.datetime | None = None) -> Batch:
    """Approves each of these days that is still open and quiet, as of `until`: when the person's page was drawn.

    The outputs sampled then are recorded with each. Raises NotAllowed unless the person may review every agent.
    """
    until = min(until or timezone.now(), timezone.now())
    rows = DailyReview.objects.filter(pk__in=[review.pk for review in reviews]).select_related("agent__status")
    locked = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    _require(locked, actor)
    told = digests(locked, until)
    loud = still_open([review.agent for review in locked]) | off_target([review.agent_id for review in locked])
    quiet = [each for each in locked if each.is_open and each.agent_id not in loud and told[each.pk].is_quiet]
    quiet = [review for review in quiet if is_well(review.agent)]
    approved = [
        settle_review(review, actor, DecisionKind.APPROVE, told[review.pk], until=until, by=BATCH) for review in quiet
    ]
    return Batch(approved, [review for review in locked if review not in quiet])


def _require(reviews: list[DailyReview], actor: User) -> None:
    mine = set(agents_for(actor, Verb.REVIEW).values_list("pk", flat=True))
    if refused := [str(review.agent) for review in reviews if review.agent_id not in mine]:
        raise NotAllowed(_("You may not review %(agents)s.") % {"agents": ", ".join(refused)}, "verb")

"""What customers say of a conversation when they are asked."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.channels import verbs
from agents.channels.enums import Survey
from agents.channels.models import Rating
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs.models import Run
from audit.actions import record

SCALES = {Survey.CSAT: (1, 5), Survey.NPS: (0, 10)}


@transaction.atomic
def rate(run: Run, *, actor: User, survey: Survey, score: int, at: dt.datetime | None = None) -> Rating:
    """Keeps the answer, in place of an earlier one. Raises `NotAllowed`; `Invalid` for a score beyond its scale."""
    require(actor, run.agent, Verb.REVIEW)
    low, high = SCALES[survey]
    if not low <= score <= high:
        problem = _("Give a number from %(low)s to %(high)s.") % {"low": low, "high": high}
        raise Invalid(problem, "off_scale", {"score": [problem]})
    given = {"score": score, "at": at or timezone.now()}
    rating, _made = Rating.objects.update_or_create(run=run, survey=survey, defaults=given)
    record(verbs.RATED, actor=actor.actor, team_id=run.agent.team_id, obj=run, survey=survey, score=score)
    return rating

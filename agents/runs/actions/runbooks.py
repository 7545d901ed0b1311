"""Writing down what to do when an exception becomes an incident."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.runs import verbs
from agents.runs.actions.policies import require_policy_maker
from agents.runs.enums import ExceptionKind
from agents.runs.models import Runbook
from audit.actions import record

MOST_STEPS, LONGEST_STEP = 40, 300


@transaction.atomic
def set_runbook(team: Team, *, kind: str, text: str, actor: User) -> Runbook:
    """A new version, a step a line, for incidents opened from now on; an empty one is what ships again.

    Raises NotAllowed, Invalid.
    """
    require_policy_maker(actor, team)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_STEPS or any(len(line) > LONGEST_STEP for line in lines):
        said = _("At most %(steps)d steps of at most %(letters)d characters.")
        said %= {"steps": MOST_STEPS, "letters": LONGEST_STEP}
        raise Invalid(said, "text", fields={"text": [said]})
    [team] = lock_teams([team.pk])
    same = Runbook.objects.filter(team=team, kind=kind)
    number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
    runbook = Runbook.objects.create(
        team=team, kind=ExceptionKind(kind), number=number, text="\n".join(lines), created_by=actor
    )
    record(
        verbs.RUNBOOK_SET, actor=actor.actor, team_id=team.pk, obj=runbook, kind=kind, number=number, text=runbook.text
    )
    return runbook

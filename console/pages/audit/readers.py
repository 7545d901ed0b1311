"""Who may read which part of the trail."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.base.errors import NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.queries import role_in
from audit.models import AuditEvent
from audit.queries import events_for

WHOLE_TEAM = (TeamRole.AUDITOR, TeamRole.CHIEF, TeamRole.ADMINISTRATOR)


def reads_all(user: User, team: Team) -> bool:
    return role_in(user, team.pk) in WHOLE_TEAM


def owned(user: User, team: Team) -> QuerySet[Agent]:
    """The agents whose owner the person is, in whatever role."""
    return agents_for(user, Verb.VIEW).filter(team=team, owners__user=user)


def readable(user: User, team: Team) -> QuerySet[AuditEvent]:
    """The whole team's trail for auditors, chief and administrators; that of their agents for owners.

    Raises NotAllowed for everybody else.
    """
    if reads_all(user, team):
        return events_for(team.pk)
    agents = owned(user, team)
    if not agents.exists():
        raise NotAllowed(_("The trail is for auditors, the Chief Agent Officer, administrators and owners."), "trail")
    return events_for(team.pk, agents.values("pk"))

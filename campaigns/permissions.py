"""Who may prepare and send campaigns: whoever may broadcast to an agent of the team; each to their own agents."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.base.errors import NotAllowed
from agents.fleet.enums import Lifecycle, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.permissions import holds

RULE_MAKERS = (TeamRole.CHIEF, TeamRole.ADMINISTRATOR, TeamRole.OPERATIONS)


def audience(team: Team) -> QuerySet[Agent]:
    """Every agent of the team that can be told something."""
    return Agent.objects.filter(team=team).exclude(lifecycle=Lifecycle.RETIRED).order_by("name", "pk")


def own(user: User, team: Team) -> QuerySet[Agent]:
    """Those to which the person may broadcast without asking anybody."""
    return audience(team).filter(pk__in=agents_for(user, Verb.BROADCAST).values("pk"))


def may_campaign(user: User, team: Team) -> bool:
    return own(user, team).exists()


def require_campaigner(user: User, team: Team) -> None:
    """Raises `NotAllowed` unless the person may broadcast to some agent of the team."""
    if not may_campaign(user, team):
        raise NotAllowed(_("Campaigns are for those who may broadcast to an agent of the team."), "campaigner")


def may_rule(user: User, team: Team) -> bool:
    return holds(user, team.pk, RULE_MAKERS)


def require_rule_maker(user: User, team: Team) -> None:
    """Raises `NotAllowed` unless the person decides what every campaign of the team keeps to."""
    if not may_rule(user, team):
        raise NotAllowed(_("Operations, an administrator or the Chief Agent Officer decides this."), "rule_maker")

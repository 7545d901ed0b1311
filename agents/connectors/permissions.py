"""Who opens and closes the addresses that webhooks come in at."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agents.base.errors import NotAllowed
from agents.connectors.models import Source
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for, require
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.permissions import holds

CONFIGURERS = (TeamRole.ADMINISTRATOR, TeamRole.CHIEF, TeamRole.ENGINEER, TeamRole.OPERATIONS)


def sources_for(user: User, team: Team) -> QuerySet[Source]:
    """Those the person may change: all of the team's for who configures it, else those of their own agents."""
    mine = Q(agent__in=agents_for(user, Verb.CONFIGURE))
    return Source.objects.filter(Q(team=team) & (Q() if may_open(user, team) else mine))


def may_open(user: User, team: Team) -> bool:
    """Whether the person may open addresses for the whole team."""
    return holds(user, team.pk, CONFIGURERS)


def require_configurer(user: User, team: Team, agent: Agent | None) -> None:
    """Raises NotAllowed unless the person configures the agent, or for none the team."""
    if agent is not None:
        require(user, agent, Verb.CONFIGURE)
    elif not may_open(user, team):
        raise NotAllowed(_("Only those who configure the team open addresses for all of its agents."), "source")

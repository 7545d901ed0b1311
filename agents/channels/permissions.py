"""Who decides which agent writes to whom; everybody of the team reads it."""

from django.utils.translation import gettext as _

from agents.base.errors import NotAllowed
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.permissions import holds

SEGMENT_MAKERS = (TeamRole.CHIEF, TeamRole.ADMINISTRATOR, TeamRole.OPERATIONS)


def may_segment(user: User, team: Team) -> bool:
    return holds(user, team.pk, SEGMENT_MAKERS)


def require_segment_maker(user: User, team: Team) -> None:
    """Raises `NotAllowed` unless the person decides which agent writes to whom."""
    if not may_segment(user, team):
        raise NotAllowed(_("Operations, an administrator or the Chief Agent Officer decides this."), "segment_maker")

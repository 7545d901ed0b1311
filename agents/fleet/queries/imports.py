"""What a file of agents would meet in the team; shown before, and asked again when it is taken in."""

from collections.abc import Sequence

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from agents.fleet.cells import Problem
from agents.fleet.csv import AgentRow
from agents.people.models import Team, User


def active_members(team: Team, rows: Sequence[AgentRow]) -> dict[str, User]:
    """The people named as owners who are active members of the team, by lower-case address."""
    wanted = {email for row in rows for email in row.owners}
    users = User.objects.filter(is_active=True, memberships__team=team)
    found = users.annotate(address=Lower("email")).filter(address__in=wanted)
    return {user.email.lower(): user for user in found}


def import_problems(team: Team, rows: Sequence[AgentRow]) -> list[Problem]:
    """Owners the team does not know, by row. Who is invited and has not come yet is not known either."""
    members = active_members(team, rows)
    return [
        Problem(row.row, "owners", _("%(email)s is not an active member of the team.") % {"email": email})
        for row in rows
        for email in row.owners
        if email not in members
    ]

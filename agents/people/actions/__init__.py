"""Everything that changes people, teams, and how they get in."""

from agents.people.actions.absences import declare_absence, end_absence
from agents.people.actions.availability import set_availability
from agents.people.actions.credentials import take_credentials
from agents.people.actions.invitations import accept_invitation, invite, revoke_invitation
from agents.people.actions.members import add_member, change_role, set_preferences
from agents.people.actions.personal import reveal_personal
from agents.people.actions.teams import create_administrator, create_team
from agents.people.actions.tokens import authenticate_token, create_token, revoke_token

__all__ = [
    "accept_invitation",
    "add_member",
    "authenticate_token",
    "change_role",
    "create_administrator",
    "create_team",
    "create_token",
    "declare_absence",
    "end_absence",
    "invite",
    "reveal_personal",
    "revoke_invitation",
    "revoke_token",
    "set_availability",
    "set_preferences",
    "take_credentials",
]

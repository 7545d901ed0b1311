"""Who belongs where. Read only."""

import uuid

from agents.people.models import Membership, Team, User


def current_team(user: User, chosen: str | None) -> Team | None:
    """The team the person looks at: the one chosen in the session if still a member, else the first one joined."""
    teams = Team.objects.filter(memberships__user=user).order_by("memberships__since", "pk")
    by_id = {str(team.pk): team for team in teams}
    return by_id.get(chosen or "") or next(iter(by_id.values()), None)


def role_in(user: User, team_id: uuid.UUID) -> str | None:
    """The person's role in the team, or None for a stranger."""
    return Membership.objects.filter(user=user, team_id=team_id).values_list("role", flat=True).first()

"""Who belongs where. Read only."""

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from agents.people.models import Absence, ApiToken, Invitation, Membership, Team, User

# As rows: every page asks it, and the ORM takes four times as long to write it as PostgreSQL to answer.
TEAMS = """
SELECT t.*, m.role AS role FROM people_team t JOIN people_membership m ON m.team_id = t.id
WHERE m.user_id = %s ORDER BY m.since, t.id
"""


def current_team(user: User, chosen: str | None) -> Team | None:
    """The team the person looks at: the one chosen in the session if still a member, else the first one joined.

    Its `role` is the person's in it.
    """
    by_id = {str(team.pk): team for team in Team.objects.raw(TEAMS, [user.pk])}
    return by_id.get(chosen or "") or next(iter(by_id.values()), None)


def role_in(user: User, team_id: uuid.UUID) -> str | None:
    """The person's role in the team, or None for a stranger."""
    return Membership.objects.filter(user=user, team_id=team_id).values_list("role", flat=True).first()


def members(team: Team) -> QuerySet[Membership]:
    """Everybody in the team with the person beside the role, active people first, then by name."""
    return (
        Membership.objects.filter(team=team)
        .select_related("user")
        .order_by("-user__is_active", "user__name", "user_id")
    )


AWAY = Q(since__lte=Now(), until__gt=Now(), ended_at=None)


def away() -> QuerySet[Absence]:
    """Who is away at this moment."""
    return Absence.objects.filter(AWAY)


def here(users: QuerySet[User]) -> QuerySet[User]:
    """Those of them who are not away."""
    return users.exclude(Exists(away().filter(user=OuterRef("pk"))))


def absences(team: Team) -> QuerySet[Absence]:
    """Of the team's active people: what is not over and was not taken back, the next first."""
    people = Membership.objects.filter(team=team, user__is_active=True).values("user")
    ahead = Absence.objects.filter(user__in=people, until__gt=Now(), ended_at=None)
    return ahead.select_related("user", "declared_by").order_by("since", "pk")


def pending_invitations(team: Team) -> QuerySet[Invitation]:
    """Links that still work, newest first."""
    return (
        Invitation.objects.filter(team=team, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        .select_related("invited_by")
        .order_by("-created_at", "-pk")
    )


def tokens_of(user: User, team: Team) -> QuerySet[ApiToken]:
    """The person's tokens in this team that were not revoked, newest first; expired ones are seen as such."""
    return ApiToken.objects.filter(user=user, team=team, revoked_at=None).order_by("-created_at", "-pk")


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address already."""
    return User.objects.filter(email__iexact=email).exists()


def teams_of(user: User) -> QuerySet[Team]:
    """The teams the person belongs to, the first joined first."""
    return Team.objects.filter(memberships__user=user).order_by("memberships__since", "pk")

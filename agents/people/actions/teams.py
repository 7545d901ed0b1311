"""The first rows of a company."""

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict
from agents.people import verbs
from agents.people.actions.accounts import new_user
from agents.people.actions.members import add_member
from agents.people.clean import clean
from agents.people.enums import TeamRole
from agents.people.locks import lock_teams
from agents.people.models import Membership, Team, User
from audit.actions import record


@transaction.atomic
def create_team(
    name: str,
    *,
    zone: str = "UTC",
    currency: str = "USD",
    slug: str = "",
    is_demo: bool = False,
    actor_user: User | None = None,
) -> Team:
    """A company, still without people. Raises `Invalid`, or `Conflict` (code `team_exists`) for a taken slug."""
    team = Team(name=name.strip(), slug=slug or slugify(name)[:60], zone=zone, currency=currency, is_demo=is_demo)
    clean(team, "name", "slug", "zone", "currency")
    if Team.objects.filter(slug=team.slug).exists():
        raise Conflict(_("A team called %(slug)s already exists.") % {"slug": team.slug}, "team_exists")
    team.save(force_insert=True)
    who = actor_user.actor if actor_user else SYSTEM
    record(verbs.TEAM_CREATED, actor=who, team_id=team.pk, obj=team, zone=zone, currency=currency)
    return team


@transaction.atomic
def create_administrator(email: str, name: str, password: str, team: Team, language: str = "en") -> User:
    """The first person of a team, at set-up. Raises `Conflict` when the team already has people, `Invalid`."""
    lock_teams([team.pk])
    if Membership.objects.filter(team=team).exists():
        raise Conflict(_("This team is already set up: ask its administrator for an invitation."), "already_set_up")
    user = new_user(email, password, name=name, zone=team.zone, language=language)
    add_member(team, user, TeamRole.ADMINISTRATOR)
    return user

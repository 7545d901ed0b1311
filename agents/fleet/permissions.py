"""Who may do what with which agent. Guardian's rows are read here and nowhere else (design.md §1)."""

import uuid
from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from agents.base.errors import NotAllowed
from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.models import Agent, AgentOwner, AgentUserGrant
from agents.people.enums import TeamRole
from agents.people.models import Membership, Team, User
from agents.people.permissions import holds

ALL = frozenset(Verb)
OWNER_VERBS: dict[str, frozenset[Verb]] = {
    OwnerRole.PRIMARY: ALL,
    OwnerRole.SECOND: ALL - {Verb.CONFIGURE},
    OwnerRole.BACKUP: frozenset({Verb.VIEW, Verb.REVIEW, Verb.PAUSE}),
    OwnerRole.TRAINEE: frozenset({Verb.VIEW}),
}
TEAM_VERBS: dict[str, frozenset[Verb]] = {
    TeamRole.CHIEF: ALL,
    TeamRole.ADMINISTRATOR: frozenset({Verb.VIEW, Verb.CONFIGURE}),
    TeamRole.ENGINEER: frozenset({Verb.VIEW, Verb.CONFIGURE}),
    TeamRole.OPERATIONS: frozenset({Verb.VIEW, Verb.CONFIGURE}),
    TeamRole.AUDITOR: frozenset({Verb.VIEW}),
    TeamRole.LEADERSHIP: frozenset({Verb.VIEW}),
    TeamRole.MANAGER: frozenset(),
    TeamRole.HUMAN_AGENT: frozenset(),
}
# Who adds agents to a team; and who, besides its primary or acting owner, decides who owns one and whether it lives.
CREATORS = (TeamRole.CHIEF, TeamRole.ADMINISTRATOR, TeamRole.MANAGER, TeamRole.ENGINEER)
APPOINTERS = (TeamRole.CHIEF, TeamRole.ADMINISTRATOR)
# An acting seat is a chief's or a backup's: it may do what the agent needs until somebody is appointed.
ACTING_VERBS = ALL

HELD = """
SELECT held.content_object_id FROM fleet_agentusergrant held JOIN auth_permission allowed
ON allowed.id = held.permission_id AND allowed.codename = '{}_agent' WHERE held.user_id = %(user)s
"""
SEEN, REVIEWED = (HELD.format(verb) for verb in (Verb.VIEW, Verb.REVIEW))
"""The agents of somebody signed in, as SQL: every page asks for them, more than once, and the ORM would take longer to
write it than PostgreSQL to answer."""
# Of a join PostgreSQL expects one agent: for the newest fifty runs of a fleet it sorted all there were. What is written
# by hand says itself what is read along which index.
LISTED = """
SELECT content_object_id FROM fleet_agentusergrant
WHERE permission_id = (SELECT id FROM auth_permission WHERE codename = '{}_agent') AND user_id = %s
"""


def agents_for(user: User | AnonymousUser, verb: Verb) -> QuerySet[Agent]:
    """The agents on which the person holds the verb, as a lazy subquery: filter everything below by `agent__in=`."""
    if not (user.is_authenticated and user.is_active):
        return Agent.objects.none()
    return Agent.objects.filter(pk__in=RawSQL(LISTED.format(verb), [user.pk]))


def verbs_on(user: User, agent: Agent) -> frozenset[Verb]:
    """Everything the person may do with the agent, in one query: for pages that show a button or not."""
    if not user.is_active:
        return frozenset()
    held = AgentUserGrant.objects.filter(user=user, content_object=agent)
    return frozenset(Verb(n.removesuffix("_agent")) for n in held.values_list("permission__codename", flat=True))


def reviewers(agent: Agent) -> QuerySet[User]:
    """Everybody who may decide what the agent asks."""
    held = AgentUserGrant.objects.filter(content_object=agent, permission__codename=f"{Verb.REVIEW}_agent")
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name")


def require(user: User, agent: Agent, verb: Verb) -> None:
    """Raises `NotAllowed` unless the person holds the verb on the agent."""
    if not agents_for(user, verb).filter(pk=agent.pk).exists():
        raise NotAllowed(
            _("You may not do this with %(agent)s: it needs the right “%(verb)s”.")
            % {"agent": agent, "verb": verb.label},
            "verb",
        )


def appointable(user: User) -> QuerySet[Agent]:
    """The agents whose owners and lifecycle the person decides: who merely configures does not appoint himself."""
    if not user.is_active:
        return Agent.objects.none()
    mine = AgentOwner.objects.filter(Q(role=OwnerRole.PRIMARY) | Q(acting=True), user=user)
    teams = Membership.objects.filter(user=user, role__in=APPOINTERS)
    return Agent.objects.filter(Q(pk__in=mine.values("agent")) | Q(team__in=teams.values("team")))


def require_appointer(user: User, agents: Iterable[Agent]) -> None:
    """Raises `NotAllowed` unless the person decides who owns every one of the agents."""
    wanted = {agent.pk: agent for agent in agents}
    allowed = set(appointable(user).filter(pk__in=wanted).values_list("pk", flat=True))
    if refused := [str(agent) for pk, agent in wanted.items() if pk not in allowed]:
        raise NotAllowed(
            _("Only the primary owner, the Chief Agent Officer or an administrator decides this: %(agents)s.")
            % {"agents": ", ".join(refused)},
            "appointer",
        )


def require_creator(user: User, team: Team) -> None:
    """Raises `NotAllowed` unless the person may add agents to the team."""
    if not holds(user, team.pk, CREATORS):
        raise NotAllowed(_("Your role in the team does not include adding agents."), "creator")


def sync_team(team_id: uuid.UUID) -> None:
    """Follow a changed membership: every agent of the team, locked in id order, gets the grants it should have."""
    agents = Agent.objects.filter(team_id=team_id)
    list(agents.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    sync_grants(agents)


Grant = tuple[uuid.UUID, uuid.UUID, str]


def wanted_grants(agents: QuerySet[Agent]) -> set[Grant]:
    """(user, agent, verb) as AgentOwner and Membership say, active people only."""
    wanted: set[Grant] = set()
    seats = AgentOwner.objects.filter(agent__in=agents, user__is_active=True)
    for user, agent, role, acting in seats.values_list("user_id", "agent_id", "role", "acting"):
        wanted |= {(user, agent, verb) for verb in (ACTING_VERBS if acting else OWNER_VERBS[role])}
    team_of = dict(agents.values_list("pk", "team_id"))
    roles: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    members = Membership.objects.filter(team_id__in=set(team_of.values()), user__is_active=True)
    for team, user, role in members.values_list("team_id", "user_id", "role"):
        roles.setdefault(team, []).append((user, role))
    for agent, team in team_of.items():
        for user, role in roles.get(team, ()):
            wanted |= {(user, agent, verb) for verb in TEAM_VERBS[role]}
    return wanted


def held_grants(agents: QuerySet[Agent]) -> dict[Grant, uuid.UUID]:
    """(user, agent, verb) as guardian's rows say, each with its row."""
    rows = AgentUserGrant.objects.filter(content_object__in=agents)
    told = rows.values_list("user_id", "content_object_id", "permission__codename", "pk")
    return {(user, agent, codename.removesuffix("_agent")): pk for user, agent, codename, pk in told}


def sync_grants(agents: QuerySet[Agent]) -> None:
    """Make guardian's rows of these agents equal to what owners and memberships say. The only writer of grants."""
    permissions, held, wanted = _permissions(), held_grants(agents), wanted_grants(agents)
    AgentUserGrant.objects.filter(pk__in=[held[grant] for grant in held.keys() - wanted]).delete()
    AgentUserGrant.objects.bulk_create(
        [
            AgentUserGrant(user_id=user, content_object_id=agent, permission_id=permissions[verb])
            for user, agent, verb in wanted - held.keys()
        ],
        ignore_conflicts=True,
    )


def _permissions() -> dict[str, int]:
    names = {f"{verb}_agent": verb for verb in Verb.values}
    rows = Permission.objects.filter(content_type__app_label="fleet", codename__in=names).values_list("codename", "pk")
    return {names[codename]: pk for codename, pk in rows}

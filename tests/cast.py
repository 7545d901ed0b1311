"""The fixed cast of the tests: one company, one rival company, and the people every rule is tried on."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from agents.fleet.enums import Function, Lifecycle, OwnerRole, Vendor
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import sync_grants
from agents.people.enums import TeamRole
from agents.people.models import Membership, Team, User

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Amelia owns, Dev is second, Bo backs up, Tess is trainee; Nora owns nothing; Rita works elsewhere."""

    team: Team
    owner: User
    second: User
    backup: User
    trainee: User
    manager: User
    chief: User
    administrator: User
    engineer: User
    operations: User
    auditor: User
    leadership: User
    human_agent: User
    agent: Agent
    rival_team: Team
    rival: User
    rival_agent: Agent


def make_user(team: Team, name: str, role: TeamRole) -> User:
    user = User.objects.create_user(f"{name.lower()}@{team.slug}.example", PASSWORD, name=name)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def make_agent(team: Team, slug: str, *owners: tuple[User, OwnerRole], lifecycle: Lifecycle = Lifecycle.LIVE) -> Agent:
    """An agent with its owners, seated in the transaction that makes it live, and its grants."""
    with transaction.atomic():
        agent = Agent.objects.create(
            team=team,
            slug=slug,
            name=slug.replace("-", " "),
            vendor=Vendor.OURS,
            function=Function.SUPPORT,
            lifecycle=lifecycle,
            live_since=timezone.now() if lifecycle == Lifecycle.LIVE else None,
        )
        for user, role in owners:
            AgentOwner.objects.create(agent=agent, user=user, role=role)
        sync_grants(Agent.objects.filter(pk=agent.pk))
    return agent


def make_cast() -> Cast:
    team = Team.objects.create(name="Northwind", slug="northwind")
    rival_team = Team.objects.create(name="Contoso", slug="contoso")
    people = {
        "owner": make_user(team, "Amelia", TeamRole.MANAGER),
        "second": make_user(team, "Dev", TeamRole.MANAGER),
        "backup": make_user(team, "Bo", TeamRole.MANAGER),
        "trainee": make_user(team, "Tess", TeamRole.MANAGER),
        "manager": make_user(team, "Nora", TeamRole.MANAGER),
        "chief": make_user(team, "Carla", TeamRole.CHIEF),
        "administrator": make_user(team, "Ada", TeamRole.ADMINISTRATOR),
        "engineer": make_user(team, "Emil", TeamRole.ENGINEER),
        "operations": make_user(team, "Olga", TeamRole.OPERATIONS),
        "auditor": make_user(team, "Aron", TeamRole.AUDITOR),
        "leadership": make_user(team, "Lea", TeamRole.LEADERSHIP),
        "human_agent": make_user(team, "Hugo", TeamRole.HUMAN_AGENT),
    }
    rival = make_user(rival_team, "Rita", TeamRole.CHIEF)
    rosa = make_user(rival_team, "Rosa", TeamRole.MANAGER)
    agent = make_agent(
        team,
        "refund-agent",
        (people["owner"], OwnerRole.PRIMARY),
        (people["second"], OwnerRole.SECOND),
        (people["backup"], OwnerRole.BACKUP),
        (people["trainee"], OwnerRole.TRAINEE),
    )
    rival_agent = make_agent(rival_team, "rival-agent", (rival, OwnerRole.PRIMARY), (rosa, OwnerRole.SECOND))
    return Cast(team=team, agent=agent, rival_team=rival_team, rival=rival, rival_agent=rival_agent, **people)


def settle() -> None:
    """Run the deferred constraints now: a test that never commits would not meet them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")

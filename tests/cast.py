"""The fixed cast of the tests: one company, one rival company, and the people every rule is tried on."""

import pickle
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from agents.fleet.enums import Function, Lifecycle, OwnerRole, Vendor
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import sync_grants
from agents.people.enums import TeamRole
from agents.people.models import Membership, Team, User

PASSWORD = "correct horse battery staple"
Seat = tuple[User, OwnerRole]


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
    return make_people(team, {name: role})[0]


def make_people(team: Team, roles: dict[str, TeamRole]) -> list[User]:
    """Whoever is named, in two statements: nearly every test begins with a company full of people."""
    password = make_password(PASSWORD)
    people = [User(email=f"{name.lower()}@{team.slug}.example", name=name, password=password) for name in roles]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(team=team, user=user, role=role) for user, role in zip(people, roles.values(), strict=True)
    )
    return people


def make_agent(team: Team, slug: str, *owners: Seat, lifecycle: Lifecycle = Lifecycle.LIVE) -> Agent:
    """An agent with its owners, seated in the transaction that makes it live, and its grants."""
    return make_agents({(team, slug): owners}, lifecycle)[0]


def make_agents(seats: dict[tuple[Team, str], Sequence[Seat]], lifecycle: Lifecycle = Lifecycle.LIVE) -> list[Agent]:
    """Several at once, by team and slug."""
    live_since = timezone.now() if lifecycle == Lifecycle.LIVE else None
    agents = [
        Agent(
            team=team,
            slug=slug,
            name=slug.replace("-", " "),
            vendor=Vendor.OURS,
            function=Function.SUPPORT,
            lifecycle=lifecycle,
            live_since=live_since,
        )
        for team, slug in seats
    ]
    with transaction.atomic():
        Agent.objects.bulk_create(agents)
        AgentOwner.objects.bulk_create(
            AgentOwner(agent=agent, user=user, role=role)
            for agent, owners in zip(agents, seats.values(), strict=True)
            for user, role in owners
        )
        sync_grants(Agent.objects.filter(pk__in=[agent.pk for agent in agents]))
    return agents


NORTHWIND = {
    "owner": ("Amelia", TeamRole.MANAGER),
    "second": ("Dev", TeamRole.MANAGER),
    "backup": ("Bo", TeamRole.MANAGER),
    "trainee": ("Tess", TeamRole.MANAGER),
    "manager": ("Nora", TeamRole.MANAGER),
    "chief": ("Carla", TeamRole.CHIEF),
    "administrator": ("Ada", TeamRole.ADMINISTRATOR),
    "engineer": ("Emil", TeamRole.ENGINEER),
    "operations": ("Olga", TeamRole.OPERATIONS),
    "auditor": ("Aron", TeamRole.AUDITOR),
    "leadership": ("Lea", TeamRole.LEADERSHIP),
    "human_agent": ("Hugo", TeamRole.HUMAN_AGENT),
}


def make_cast() -> Cast:
    """Made once a process; from then on put in as it was, with the time of now: nearly every test begins with it."""
    if not KEPT:
        KEPT.append(_kept(cast := _made()))
        return cast
    return KEPT[0].put()


def _made() -> Cast:
    team = Team(name="Northwind", slug="northwind")
    rival_team = Team(name="Contoso", slug="contoso")
    Team.objects.bulk_create([team, rival_team])
    people = dict(zip(NORTHWIND, make_people(team, dict(NORTHWIND.values())), strict=True))
    rival, rosa = make_people(rival_team, {"Rita": TeamRole.CHIEF, "Rosa": TeamRole.MANAGER})
    agent, rival_agent = make_agents(
        {
            (team, "refund-agent"): [
                (people["owner"], OwnerRole.PRIMARY),
                (people["second"], OwnerRole.SECOND),
                (people["backup"], OwnerRole.BACKUP),
                (people["trainee"], OwnerRole.TRAINEE),
            ],
            (rival_team, "rival-agent"): [(rival, OwnerRole.PRIMARY), (rosa, OwnerRole.SECOND)],
        }
    )
    return Cast(team=team, agent=agent, rival_team=rival_team, rival=rival, rival_agent=rival_agent, **people)


TEAMS = "IN (SELECT id FROM people_team WHERE slug IN ('northwind', 'contoso'))"
AGENTS = f"IN (SELECT id FROM fleet_agent WHERE team_id {TEAMS})"
ROWS = {
    "people_team": f"id {TEAMS}",
    "people_user": f"id IN (SELECT user_id FROM people_membership WHERE team_id {TEAMS})",
    "people_membership": f"team_id {TEAMS}",
    "fleet_agent": f"team_id {TEAMS}",
    "fleet_agentowner": f"agent_id {AGENTS}",
    "fleet_agentusergrant": f"content_object_id {AGENTS}",
}
"""Where the cast's rows are, in an order in which they can be put in."""
TIME = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00")


@dataclass(frozen=True)
class Kept:
    """A cast: pickled, and its rows by table, as COPY writes them. Every time in it is that of its making."""

    pickled: bytes
    rows: dict[str, bytes]

    def put(self) -> Cast:
        """Write the rows; the seats with the agents they make live, in one transaction."""
        cast: Cast = pickle.loads(self.pickled)
        now = timezone.now()
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self.rows.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(TIME.sub(str(now).encode(), rows))
        for one in vars(cast).values():
            vars(one).update({name: now for name, value in vars(one).items() if isinstance(value, datetime)})
        return cast


def _kept(cast: Cast) -> Kept:
    rows = {}
    with connection.cursor() as cursor:
        for table, which in ROWS.items():
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {which}) TO STDOUT") as copy:
                rows[table] = b"".join(copy)
    return Kept(pickle.dumps(cast), rows)


KEPT: list[Kept] = []


def session_of(user: User) -> str:
    """The key of a session in which this person is signed in, without the sign-in and what it leaves in the trail."""
    store = SessionStore()
    store.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1]})
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def signed_in(user: User) -> Client:
    """A browser without a browser, signed in as this person."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


def settle() -> None:
    """Run the deferred constraints now: a test that never commits would not meet them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")

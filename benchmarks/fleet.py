"""A team of its own for every bench, with agents that run the flow of nothing."""

from agents.base.ids import uuid7
from agents.engine import Effect
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion
from agents.people.enums import TeamRole
from agents.people.models import Team
from benchmarks.flows import PATTERN, SLUG, chain
from tests.cast import make_agent, make_user

PLENTY = 10**12


def make_team() -> Team:
    name = f"bench-{uuid7().hex[-12:]}"
    return Team.objects.create(name=name, slug=name)


def make_agents(
    team: Team, count: int, *, steps: int, effect: Effect = Effect.READ, day_cap_micros: int = PLENTY
) -> list[Agent]:
    """`count` live agents with two owners, each assigned to a chain of `steps` steps that have this effect."""
    owner = make_user(team, f"Ada{uuid7().hex[-8:]}", TeamRole.MANAGER)
    second = make_user(team, f"Ben{uuid7().hex[-8:]}", TeamRole.MANAGER)
    version = _version(team, steps, effect)
    agents = []
    for _ in range(count):
        slug = f"agent-{uuid7().hex[-12:]}"
        agent = make_agent(team, slug, (owner, OwnerRole.PRIMARY), (second, OwnerRole.SECOND))
        Assignment.objects.create(
            agent=agent, flow_version=version, run_cap_micros=day_cap_micros, day_cap_micros=day_cap_micros
        )
        agents.append(agent)
    return agents


def _version(team: Team, steps: int, effect: Effect) -> FlowVersion:
    flow, _made = Flow.objects.get_or_create(team=team, slug=SLUG, defaults={"name": SLUG, "pattern": PATTERN})
    number, drawn = flow.versions.count() + 1, chain(steps, effect).describe()
    settings = {"steps": steps, "effect": effect}
    return FlowVersion.objects.create(flow=flow, number=number, graph=drawn, settings=settings)

"""What an agent is expected to reach."""

from decimal import Decimal

from django.db import transaction

from agents.fleet import verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, KpiTarget
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.clean import clean
from agents.people.models import User
from audit.actions import record


@transaction.atomic
def set_kpi_target(
    agent: Agent, key: str, target: Decimal | int | str, unit: str, better: str, *, actor: User
) -> KpiTarget:
    """What the agent should reach of one KPI; `better` is "higher" or "lower". Raises `NotAllowed`, `Invalid`."""
    require(actor, agent, Verb.CONFIGURE)
    lock_agents([agent])
    return aim(agent, key, target, unit, better, actor)


def aim(agent: Agent, key: str, target: Decimal | int | str, unit: str, better: str, actor: User) -> KpiTarget:
    """`set_kpi_target` without its permission and lock, for taking in many."""
    held = KpiTarget.objects.filter(agent=agent, key=key).first() or KpiTarget(agent=agent, key=key)
    before = None if held._state.adding else str(held.target)
    held.target, held.unit, held.better = target, unit, better
    clean(held, "key", "target", "unit", "better")
    held.save()
    record(
        verbs.KPI_TARGET_SET,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        key=key,
        before=before,
        target=held.target,
        unit=unit,
        better=better,
    )
    return held

"""Raising or lowering what may be spent."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid, NotAllowed
from agents.base.money import format_money
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.queries import role_in
from agents.runs import verbs
from agents.runs.budgets import day_budget
from agents.runs.enums import BudgetScope
from agents.runs.models import Budget, Run
from audit.actions import record

MOST_CAP = 10**12
"""A million dollars: above it somebody mistyped."""
TEAM_CAPS_BY = (TeamRole.ADMINISTRATOR, TeamRole.CHIEF)


@transaction.atomic
def set_cap(budget: Budget, *, cap_micros: int, actor: User) -> Budget:
    """Changes one budget's cap, from the next reservation on. Raises NotAllowed, or Invalid below what is in use."""
    budget = Budget.objects.select_for_update(no_key=True).get(pk=budget.pk)
    agent = _agent_of(budget)
    team_id = agent.team_id if agent else budget.scope_id
    if agent is not None:
        require(actor, agent, Verb.CONFIGURE)
    else:
        _require_team(actor, team_id)
    used = budget.spent_micros + budget.reserved_micros
    if cap_micros <= 0 or cap_micros < used:
        said = _("The cap may not be below the %(used)s that are spent and reserved.") % {
            "used": format_money(used, budget.currency)
        }
        raise Invalid(said, "caps", fields={"cap": [said]})
    if cap_micros > MOST_CAP:
        raise Invalid(_("The cap is too high."), "caps", fields={"cap": [_("The cap is too high.")]})
    return _write(budget, cap_micros, actor, team_id, agent)


@transaction.atomic
def set_day_cap(agent: Agent, *, cap_micros: int, actor: User) -> Budget:
    """The most that the agent may spend today; tomorrow starts from its assignment again.

    Raises NotAllowed, Invalid (`caps`, or `nothing_to_run` for an agent without an assignment).
    """
    require(actor, agent, Verb.CONFIGURE)
    return set_cap(_kept(agent), cap_micros=cap_micros, actor=actor)


@transaction.atomic
def follow_day_cap(agent: Agent, *, cap_micros: int, actor: User) -> Budget:
    """Today's budget follows a new assignment, down to what is spent and reserved already. Raises NotAllowed."""
    require(actor, agent, Verb.CONFIGURE)
    budget = Budget.objects.select_for_update(no_key=True).get(pk=_kept(agent).pk)
    cap_micros = max(cap_micros, budget.spent_micros + budget.reserved_micros)
    if cap_micros == budget.cap_micros:
        return budget
    return _write(budget, cap_micros, actor, agent.team_id, agent)


def _kept(agent: Agent) -> Budget:
    """Today's row, made where no call has made it yet."""
    today = day_budget(agent)
    if today is None:
        raise Invalid(_("%(agent)s has nothing to run here yet.") % {"agent": agent}, "nothing_to_run")
    where = {"scope": today.scope, "scope_id": today.scope_id, "day": today.day}
    return Budget.objects.get_or_create(**where, defaults={"cap_micros": today.cap_micros})[0]


def _write(budget: Budget, cap_micros: int, actor: User, team_id: uuid.UUID, agent: Agent | None) -> Budget:
    before, budget.cap_micros = budget.cap_micros, cap_micros
    budget.save(update_fields=["cap_micros"])
    record(
        verbs.BUDGET_CAP_SET,
        actor=actor.actor,
        team_id=team_id,
        obj=budget,
        agent_id=agent.pk if agent else None,
        scope=budget.scope,
        before_micros=before,
        cap_micros=cap_micros,
    )
    return budget


@transaction.atomic
def set_team_cap(team: Team, *, cap_micros: int, actor: User) -> Budget:
    """The most a day of the whole team may cost, from tomorrow's budget on; a day that has begun keeps its own cap."""
    _require_team(actor, team.pk)
    if not 0 < cap_micros <= MOST_CAP:
        said = _("The cap must be above zero.") if cap_micros <= 0 else _("The cap is too high.")
        raise Invalid(said, "caps", fields={"cap": [said]})
    standing, _made = Budget.objects.update_or_create(
        scope=BudgetScope.TEAM_DAY, scope_id=team.pk, day=None, defaults={"cap_micros": cap_micros}
    )
    record(
        verbs.BUDGET_CAP_SET,
        actor=actor.actor,
        team_id=team.pk,
        obj=standing,
        scope=standing.scope,
        cap_micros=cap_micros,
    )
    return standing


def _agent_of(budget: Budget) -> Agent | None:
    if budget.scope == BudgetScope.RUN:
        return Run.objects.select_related("agent").get(pk=budget.scope_id).agent
    return Agent.objects.get(pk=budget.scope_id) if budget.scope == BudgetScope.AGENT_DAY else None


def _require_team(actor: User, team_id: uuid.UUID) -> None:
    if not actor.is_active or role_in(actor, team_id) not in TEAM_CAPS_BY:
        raise NotAllowed(
            _("Only the Chief Agent Officer or an administrator sets what the team may spend."), "team_cap"
        )

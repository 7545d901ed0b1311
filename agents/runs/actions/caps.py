"""Raising or lowering what may be spent."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid, NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.queries import role_in
from agents.runs import verbs
from agents.runs.enums import BudgetScope
from agents.runs.models import Budget, Run
from audit.actions import record

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
    if cap_micros <= 0 or cap_micros < budget.spent_micros + budget.reserved_micros:
        raise Invalid(_("The cap may not be below what is spent and reserved."), fields={"cap": [_("Too low.")]})
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
    if cap_micros <= 0:
        raise Invalid(_("The cap must be above zero."), fields={"cap": [_("Too low.")]})
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

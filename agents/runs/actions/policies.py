"""Writing down who an unanswered item goes to, and after how long."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet.actions.policies import require_policy_role
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Flow
from agents.fleet.permissions import require
from agents.people.locks import lock_teams
from agents.people.models import Membership, Team, User
from agents.runs import verbs
from agents.runs.enums import HandTo, Severity
from agents.runs.ladders import MOST_LOOPS, MOST_MINUTES, MOST_STEPS, Rung
from agents.runs.models import EscalationPolicy
from audit.actions import record


@transaction.atomic
def set_escalation_policy(
    team: Team,
    *,
    severity: str,
    rungs: Sequence[Rung],
    loops: int = 0,
    agent: Agent | None = None,
    flow: str = "",
    actor: User,
) -> EscalationPolicy:
    """A new version of the ladder of the team, of one of its flows (`flow` is its slug) or of one agent.

    It holds from the next hop on. Without rungs an agent follows its flow again, a flow its team, a team what ships.
    Raises NotAllowed, Invalid with `fields`.
    """
    require_policy_maker(actor, team, agent)
    [team] = lock_teams([team.pk])
    _check(team, rungs, loops)
    if flow and (agent or not Flow.objects.filter(team=team, slug=flow).exists()):
        said = _("A ladder is of one agent, or of one of the team’s flows.")
        raise Invalid(said, "flow", fields={"flow": [said]})
    same = EscalationPolicy.objects.filter(team=team, agent=agent, flow=flow, severity=severity)
    policy = EscalationPolicy.objects.create(
        team=team,
        agent=agent,
        flow=flow,
        severity=Severity(severity),
        number=(same.aggregate(last=Max("number"))["last"] or 0) + 1,
        steps=[rung.as_json for rung in rungs],
        loops=loops,
        created_by=actor,
    )
    _record(policy, actor)
    return policy


def require_policy_maker(user: User, team: Team, agent: Agent | None = None) -> None:
    """Raises NotAllowed unless the person writes the ladders of this team, or of this agent."""
    if agent is not None:
        require(user, agent, Verb.CONFIGURE)
    else:
        require_policy_role(user, team)


def _check(team: Team, rungs: Sequence[Rung], loops: int) -> None:
    if len(rungs) > MOST_STEPS or not 0 <= loops <= MOST_LOOPS:
        raise Invalid(_("At most %(steps)d steps, begun again %(loops)d times.") % _most(), "steps")
    if any(not 1 <= rung.after_minutes <= MOST_MINUTES for rung in rungs):
        said = _("Between one minute and a week.")
        raise Invalid(said, "steps", fields={"after_minutes": [said]})
    if rungs and not any(rung.is_for_all for rung in rungs):
        raise Invalid(_("One step at least is for every case, however simple."), "steps")
    named = {rung.person for rung in rungs if rung.to == HandTo.PERSON}
    if named - _members(team, named):
        said = _("Name somebody of the team.")
        raise Invalid(said, "steps", fields={"person": [said]})


def _most() -> dict[str, int]:
    return {"steps": MOST_STEPS, "loops": MOST_LOOPS}


def _members(team: Team, named: set[str]) -> set[str]:
    ids = [uuid.UUID(each) for each in named if _is_id(each)]
    found = Membership.objects.filter(team=team, user__in=ids, user__is_active=True)
    return {str(pk) for pk in found.values_list("user", flat=True)}


def _is_id(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _record(policy: EscalationPolicy, actor: User) -> None:
    record(
        verbs.ESCALATION_SET,
        actor=actor.actor,
        team_id=policy.team_id,
        obj=policy,
        agent_id=policy.agent_id,
        flow=policy.flow,
        severity=policy.severity,
        number=policy.number,
        steps=policy.steps,
        loops=policy.loops,
    )

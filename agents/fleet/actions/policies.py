"""Changing the team's policy: each change is a new version."""

from django.db import transaction

from agents.fleet import verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, PolicyVersion
from agents.fleet.permissions import require
from agents.fleet.queries.policies import SECOND_PERSON, TEAM, limits, policy
from agents.people.locks import lock_teams
from agents.people.models import User
from agents.people.permissions import PEOPLE_ROLES, require_people_role
from audit.actions import record


@transaction.atomic
def require_second_person(
    agent: Agent, *, above_micros: int | None, actor: User, whole_team: bool = False
) -> PolicyVersion:
    """From now on approvals above this amount need two people; None takes the limit away.

    Of the agent, by who configures it; of its whole team, by an administrator or the Chief Agent Officer. The lower of
    both limits holds, so that nobody loosens the team's for an agent of his own. Raises NotAllowed.
    """
    if whole_team:
        require_people_role(actor, agent.team_id, *PEOPLE_ROLES[1:])
    else:
        require(actor, agent, Verb.CONFIGURE)
    lock_teams([agent.team_id])
    before = policy(agent.team_id)
    given = dict(limits(before)) | {TEAM if whole_team else agent.slug: above_micros}
    rules = {**(before.rules if before else {}), SECOND_PERSON: {n: v for n, v in given.items() if v is not None}}
    version = PolicyVersion.objects.create(
        team_id=agent.team_id,
        number=before.number + 1 if before else 1,
        statement=before.statement if before else "",
        rules=rules,
        created_by=actor,
    )
    record(
        verbs.POLICY_CHANGED,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=version,
        agent_id=None if whole_team else agent.pk,
        number=version.number,
        second_person_above=rules[SECOND_PERSON],
    )
    return version

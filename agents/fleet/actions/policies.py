"""Changing the team's policy: each change is a new version."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.engine.schemas import problem
from agents.fleet import verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, PolicyVersion
from agents.fleet.permissions import require
from agents.fleet.policy import SCHEMA
from agents.fleet.queries.policies import SECOND_PERSON, TEAM, differing, limits, policy
from agents.people.enums import TeamRole
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.people.permissions import PEOPLE_ROLES, holds, require_people_role
from audit.actions import record

POLICIES_BY = (TeamRole.CHIEF, TeamRole.ADMINISTRATOR, TeamRole.OPERATIONS)


@transaction.atomic
def set_policy(
    team: Team, *, statement: str, rules: Mapping[str, Any], actor: User, seen: int | None = None
) -> PolicyVersion:
    """These rules hold from the next step that asks for them; runs keep the version they were judged by.

    Limits that need a second person stay as they are: they have a place of their own. `seen`: the version that was
    changed. Raises NotAllowed, Invalid (`rules`) with what does not fit, Conflict (`changed`) when another is newer.
    """
    require_policy_role(actor, team)
    lock_teams([team.pk])
    before = policy(team.pk)
    if seen is not None and seen != (before.number if before else 0):
        raise Conflict(_("Somebody else has changed the policy meanwhile."), "changed")
    given = {name: value for name, value in rules.items() if name != SECOND_PERSON}
    if wrong := problem(SCHEMA, given):
        raise Invalid(_("This is no rule: %(problem)s") % {"problem": wrong}, "rules", {"rules": [wrong]})
    if not statement.strip():
        said = _("Say in plain words what holds.")
        raise Invalid(said, "statement", {"statement": [said]})
    kept = {SECOND_PERSON: before.rules[SECOND_PERSON]} if before and SECOND_PERSON in before.rules else {}
    version = _next(before, team.pk, statement.strip(), given | kept, actor)
    changed = differing(before.rules if before else {}, version.rules)
    record(
        verbs.POLICY_CHANGED,
        actor=actor.actor,
        team_id=team.pk,
        obj=version,
        number=version.number,
        changed=sorted(changed),
    )
    return version


def writes_policies(user: User, team: Team) -> bool:
    """Whether the person writes the team's policies, and so composes its flows and says what is promised of them."""
    return holds(user, team.pk, POLICIES_BY)


def require_policy_role(user: User, team: Team) -> None:
    """Raises NotAllowed unless the person writes the team's policies."""
    if not writes_policies(user, team):
        said = _("Only the Chief Agent Officer, an administrator or an operations configurator decides this.")
        raise NotAllowed(said, "policy_maker")


def _next(
    before: PolicyVersion | None, team_id: uuid.UUID, statement: str, rules: Mapping[str, Any], actor: User
) -> PolicyVersion:
    number = before.number + 1 if before else 1
    return PolicyVersion.objects.create(
        team_id=team_id, number=number, statement=statement, rules=dict(rules), created_by=actor
    )


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
    version = _next(before, agent.team_id, before.statement if before else "", rules, actor)
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

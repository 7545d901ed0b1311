"""Giving an agent a tool, taking it away, and freezing what an agent or a whole team may change."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet import hooks, verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, ToolGrant, WriteFreeze
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.fleet.toolbox import tool_called
from agents.people.clean import clean
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.people.permissions import PEOPLE_ROLES, require_people_role
from audit.actions import record

TEAM_FREEZERS = PEOPLE_ROLES[1:]
"""Who may freeze every agent of a team at once; administrators stand in for any of these roles."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Within which limits a tool is given (`ToolGrant`); amounts in micro-units."""

    sets: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    max_call_micros: int | None = None
    max_day_micros: int | None = None
    currency: str = "USD"
    confirm: bool = True
    dry_run: bool = False


@transaction.atomic
def grant_tool(agent: Agent, *, tool: str, terms: Terms, actor: User) -> ToolGrant:
    """The agent may use the tool within these terms, in place of earlier ones. Raises NotAllowed, Invalid."""
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    known = tool_called(tool)
    if known is None:
        raise Invalid(_("There is no such tool."), "unknown_tool", {"tool": [_("There is no such tool.")]})
    if strange := sorted(set(terms.sets) - set(known.arguments)):
        said = _("The tool has no field %(fields)s.") % {"fields": ", ".join(strange)}
        raise Invalid(said, fields={"sets": [said]})
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(terms).items()}
    grant = ToolGrant.objects.filter(agent=locked, tool=tool).first() or ToolGrant(agent=locked, tool=tool)
    for name, value in {**given, "granted_by": actor}.items():
        setattr(grant, name, value)
    clean(grant, *given)
    grant.save()
    _record(verbs.TOOL_GRANTED, locked, actor, tool=tool, **given)
    return grant


@transaction.atomic
def revoke_tool(agent: Agent, *, tool: str, actor: User) -> None:
    """The agent no longer has the tool. Raises NotAllowed, Invalid when it had not."""
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    removed, _kinds = ToolGrant.objects.filter(agent=locked, tool=tool).delete()
    if not removed:
        raise Invalid(_("The agent was not given this tool."), "no_grant")
    _record(verbs.TOOL_REVOKED, locked, actor, tool=tool)


@transaction.atomic
def freeze_agent(agent: Agent, *, reason: str, actor: User) -> WriteFreeze:
    """The agent changes nothing from the moment this returns; it may go on reading. Raises NotAllowed, Invalid."""
    require(actor, agent, Verb.PAUSE)
    [locked] = lock_agents([agent])
    freeze = _freeze(locked.team, locked, reason, actor)
    _record(verbs.WRITES_FROZEN, locked, actor, reason=freeze.reason)
    return freeze


@transaction.atomic
def thaw_agent(agent: Agent, *, actor: User) -> None:
    """The agent may change things again, within its grants; a freeze of the whole team stays. Raises NotAllowed."""
    require(actor, agent, Verb.PAUSE)
    [locked] = lock_agents([agent])
    removed, _kinds = WriteFreeze.objects.filter(agent=locked).delete()
    if removed:
        _record(verbs.WRITES_THAWED, locked, actor)
        _tell(locked.team_id)


@transaction.atomic
def freeze_team(team: Team, *, reason: str, actor: User) -> WriteFreeze:
    """No agent of the team changes anything from the moment this returns. Raises NotAllowed, Invalid."""
    require_people_role(actor, team.pk, *TEAM_FREEZERS)
    lock_teams([team.pk])
    freeze = _freeze(team, None, reason, actor)
    record(verbs.WRITES_FROZEN, actor=actor.actor, team_id=team.pk, obj=team, reason=freeze.reason)
    return freeze


@transaction.atomic
def thaw_team(team: Team, *, actor: User) -> None:
    """The team's agents may change things again, but for those frozen by themselves. Raises NotAllowed."""
    require_people_role(actor, team.pk, *TEAM_FREEZERS)
    lock_teams([team.pk])
    removed, _kinds = WriteFreeze.objects.filter(team=team, agent=None).delete()
    if removed:
        record(verbs.WRITES_THAWED, actor=actor.actor, team_id=team.pk, obj=team)
        _tell(team.pk)


def _tell(team_id: uuid.UUID) -> None:
    for tell in hooks.thawed:
        tell(team_id)


def _freeze(team: Team, agent: Agent | None, reason: str, actor: User) -> WriteFreeze:
    reason = " ".join(reason.split())
    clean(WriteFreeze(team=team, agent=agent, reason=reason), "reason")
    given = {"reason": reason, "frozen_by": actor}
    return WriteFreeze.objects.update_or_create(team=team, agent=agent, defaults=given)[0]


def _record(verb: str, agent: Agent, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **data)

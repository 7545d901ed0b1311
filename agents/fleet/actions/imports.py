"""Taking many agents in at once: all of them, or none and every reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid, Refused
from agents.base.hooks import notify
from agents.fleet.actions.agents import add
from agents.fleet.actions.kpis import aim
from agents.fleet.actions.seats import Seats
from agents.fleet.cells import Problem
from agents.fleet.csv import AgentRow
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.fleet.permissions import require_creator, sync_grants
from agents.fleet.queries.imports import active_members, import_problems
from agents.people.locks import lock_teams, lock_users
from agents.people.models import Team, User


@dataclass(frozen=True)
class Imported:
    """The agents that are new, and the short names of those that were there already and stay as they are."""

    created: list[Agent]
    unchanged: list[str]


@transaction.atomic
def import_agents(team: Team, rows: Sequence[AgentRow], *, actor: User, override_reason: str = "") -> Imported:
    """The rows as agents in onboarding with owners and targets. The same file again changes nothing.

    Raises `NotAllowed`; `Invalid` (code `import`) whose `fields` say per row ("row 3") why nothing was taken in.
    """
    require_creator(actor, team)
    lock_teams([team.pk])
    members = active_members(team, rows)
    lock_users(user.pk for user in members.values())
    _refuse(import_problems(team, rows))
    known = set(Agent.objects.filter(team=team).values_list("slug", flat=True))
    created = [_take(team, row, members, actor, override_reason) for row in rows if row.slug not in known]
    sync_grants(Agent.objects.filter(pk__in=[agent.pk for agent in created]))
    notify("fleet")
    return Imported(created, [row.slug for row in rows if row.slug in known])


def _take(team: Team, row: AgentRow, members: dict[str, User], actor: User, override_reason: str) -> Agent:
    profile = {
        "name": row.name,
        "native_name": row.native_name,
        "vendor": row.vendor,
        "function": row.function,
        "language": row.language,
        "vendor_url": row.url,
    }
    roles = [OwnerRole.PRIMARY, OwnerRole.SECOND, *[OwnerRole.BACKUP] * len(row.owners)]
    seats: Seats = [(members[email], role) for email, role in zip(row.owners, roles, strict=False)]
    try:
        agent = add(team, seats, actor, row.slug, row.running_since, override_reason, profile)
        for goal in row.kpis:
            aim(agent, goal.key, goal.target, goal.unit, goal.better, actor)
    except Refused as refusal:
        _refuse([Problem(row.row, "", refusal.message)])
        raise
    return agent


def _refuse(problems: list[Problem]) -> None:
    fields: dict[str, list[str]] = {}
    for problem in problems:
        text = f"{problem.column}: {problem.message}" if problem.column else problem.message
        fields.setdefault(_("row %(row)s") % {"row": problem.row}, []).append(text)
    if fields:
        raise Invalid(_("Nothing was taken in: correct the rows that are named."), "import", fields)

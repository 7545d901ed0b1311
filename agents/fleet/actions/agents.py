"""An agent's definition: added and edited."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, Refused
from agents.base.hooks import notify
from agents.fleet import verbs
from agents.fleet.actions.observe import observe
from agents.fleet.actions.seats import Seats, seatable, sit
from agents.fleet.enums import OwnerRole, Vendor, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require, require_creator, sync_grants
from agents.fleet.queries.onboarding import onboarding_load
from agents.fleet.queries.status import derive_status
from agents.fleet.quorum import lock_agents
from agents.people.clean import clean
from agents.people.enums import TeamRole
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.people.permissions import holds
from audit.actions import record

PROFILE = (
    "name",
    "native_name",
    "vendor",
    "function",
    "language",
    "personality",
    "requirements",
    "purpose",
    "vendor_url",
    "outcome",
    "value_per_outcome_micros",
    "currency",
    "waiting_cost_micros_per_hour",
    "baseline_minutes",
)
"""What people write about an agent; the keywords of `create_agent` and `edit_agent`."""
RESERVED = frozenset({"new", "import", "freeze", "tools"})
"""Short names that the pages beside the agents' own need for themselves."""


@transaction.atomic
def create_agent(
    team: Team,
    *,
    actor: User,
    owners: Iterable[tuple[User, str]],
    slug: str = "",
    running_since: dt.date | str | None = None,
    override_reason: str = "",
    **profile: Any,
) -> Agent:
    """A new agent, in onboarding, with its first owners; `slug` defaults to the name's.

    Raises `NotAllowed`; `Invalid` for the profile or the owners; `Conflict` (`slug_taken`); `Refused`
    (`onboarding_limit`) for the third start in 30 days or the fourth in 60, unless the Chief Agent Officer gives an
    `override_reason` or the agent is `running_since` a day before Rollcall.
    """
    require_creator(actor, team)
    lock_teams([team.pk])
    agent = add(team, seatable(team, owners), actor, slug, running_since, override_reason, profile)
    sync_grants(Agent.objects.filter(pk=agent.pk))
    notify("fleet")
    return agent


def add(
    team: Team,
    seats: Seats,
    actor: User,
    slug: str,
    running_since: dt.date | str | None,
    override_reason: str,
    profile: dict[str, Any],
) -> Agent:
    """`create_agent` without its locks and grants, for taking in many."""
    _known(profile)
    given = {"currency": team.currency, **profile}
    agent = Agent(team=team, slug=slug or slugify(given.get("name", ""))[:60], running_since=running_since, **given)
    clean(agent, *PROFILE, "slug", "running_since")
    _check(agent, seats)
    load = onboarding_load(team)
    if not agent.running_since and load.blocks:
        _override(team, actor, override_reason)
    agent.save(force_insert=True)
    warns = load.warns and not agent.running_since
    _record(
        agent,
        actor,
        running_since=agent.running_since,
        onboarding_warning=warns,
        profile=given,
        override_reason=override_reason,
    )
    for user, role in sorted(seats, key=lambda pair: OwnerRole.values.index(pair[1])):
        sit(agent, user, role, actor=actor.actor)
    connected = agent.vendor == Vendor.OURS
    observe(agent, derive_status(disconnected=not connected), {"reason": "added", "connected": connected})
    return agent


def _record(agent: Agent, actor: User, **data: Any) -> None:
    record(verbs.AGENT_CREATED, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **data)


def _known(profile: dict[str, Any]) -> None:
    if unknown := profile.keys() - set(PROFILE):
        raise TypeError(f"An agent's profile has no {', '.join(sorted(unknown))}.")


def _check(agent: Agent, seats: Seats) -> None:
    if OwnerRole.PRIMARY not in [role for _user, role in seats]:
        problem = _("An agent starts with a primary owner.")
        raise Invalid(problem, "owners", {"owners": [problem]})
    if agent.running_since and agent.running_since > timezone.localdate():
        problem = _("This day has not come yet.")
        raise Invalid(problem, fields={"running_since": [problem]})
    if agent.slug in RESERVED:
        problem = _("“%(slug)s” is an address of its own: choose another short name.") % {"slug": agent.slug}
        raise Invalid(problem, fields={"slug": [problem]})
    if Agent.objects.filter(team=agent.team, slug=agent.slug).exists():
        raise Conflict(_("There is already an agent called %(slug)s.") % {"slug": agent.slug}, "slug_taken")


def _override(team: Team, actor: User, reason: str) -> None:
    if reason.strip() and holds(actor, team.pk, [TeamRole.CHIEF]):
        return
    raise Refused(
        _(
            "Two agents started within 30 days, or three within 60: one more would degrade the fleet. "
            "The Chief Agent Officer may override this with a reason."
        ),
        "onboarding_limit",
    )


@transaction.atomic
def edit_agent(agent: Agent, *, actor: User, version: int | None = None, **profile: Any) -> Agent:
    """The agent with these parts of its profile changed. With `version`, only if nobody has edited it since.

    Raises `NotAllowed`, `Invalid`, `Conflict` (code `edited_meanwhile`).
    """
    require(actor, agent, Verb.CONFIGURE)
    _known(profile)
    [locked] = lock_agents([agent])
    if version is not None and version != locked.version:
        raise Conflict(_("Somebody has edited %(agent)s in the meantime.") % {"agent": locked}, "edited_meanwhile")
    before = {field: getattr(locked, field) for field in profile}
    for field, value in profile.items():
        setattr(locked, field, value)
    clean(locked, *profile)
    changed = {field: getattr(locked, field) for field in profile if getattr(locked, field) != before[field]}
    if not changed:
        return locked
    locked.version += 1
    locked.save(update_fields=[*changed, "version"])
    past = {field: before[field] for field in changed}
    record(
        verbs.AGENT_EDITED,
        actor=actor.actor,
        team_id=locked.team_id,
        obj=locked,
        agent_id=locked.pk,
        before=past,
        after=changed,
    )
    notify("fleet")
    return locked

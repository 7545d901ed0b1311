"""Saying who answers for a flow, what is promised of it, and what is done when it goes wrong."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.engine import Graph
from agents.fleet.actions.policies import require_policy_role
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, AgentOwner, Flow
from agents.flows import verbs
from agents.flows.models import FlowTerms
from agents.people.locks import lock_teams
from agents.people.models import Membership, Team, User
from audit.actions import record

LONGEST_RUNBOOK, LONGEST_REASON, MOST_SECONDS = 10_000, 300, 30 * 86_400
RESOLVED, DIVERTED = 90, 40
"""What a flow ships with, in percent, until the team says otherwise."""


@dataclass(frozen=True, slots=True)
class Terms:
    """As `FlowTerms` keeps them; None is not promised, or nobody."""

    owner: User | None = None
    second_owner: User | None = None
    seconds: int | None = None
    resolved_percent: int | None = None
    diverted_percent: int | None = None
    unattended_because: str = ""
    runbook: str = ""


def kept_flow(team: Team, shipped: Graph, name: str) -> Flow:
    """The team's row of a shipped flow."""
    given = {"name": name, "pattern": shipped.pattern}
    return Flow.objects.get_or_create(team=team, slug=shipped.name, defaults=given)[0]


def terms_of(team: Team, slug: str) -> FlowTerms | None:
    """What the team promises of the flow, with its people."""
    found = FlowTerms.objects.filter(flow__team=team, flow__slug=slug)
    return found.select_related("owner", "second_owner").first()


def terms_beside(path: str) -> tuple[str, str]:
    """For `select_related`: the people who answer for the flow of the version at `path`."""
    return f"{path}flow__terms__owner", f"{path}flow__terms__second_owner"


def first_terms(flow: Flow, shipped: Graph, agent: Agent) -> None:
    """What holds until somebody changes it: the graph's own limit, and the owners of the first agent that runs it."""
    seats = AgentOwner.objects.filter(agent=agent, user__is_active=True).exclude(role=OwnerRole.TRAINEE)
    ranked = sorted(seats.select_related("user"), key=lambda seat: OwnerRole.values.index(seat.role))
    first, second = ([seat.user for seat in ranked] + [None, None])[:2]
    promised = {
        "seconds": -(-shipped.slo.latency_ms // 1000),
        "resolved_percent": RESOLVED,
        "diverted_percent": DIVERTED,
    }
    FlowTerms.objects.get_or_create(flow=flow, defaults={"owner": first, "second_owner": second, **promised})


@transaction.atomic
def set_flow_terms(flow: Flow, terms: Terms, *, actor: User) -> FlowTerms:
    """All of them, in place of those before. Raises NotAllowed, Invalid with what cannot be taken."""
    require_policy_role(actor, flow.team)
    if problems := _problems(flow, terms):
        raise Invalid(_("Please correct what is marked."), fields=problems)
    lock_teams([flow.team_id])
    given = {name: getattr(terms, name) for name in FIELDS} | {"changed_at": timezone.now()}
    kept, _made = FlowTerms.objects.update_or_create(flow=flow, defaults=given)
    told = {name: value.email if isinstance(value, User) else value for name, value in given.items()}
    del told["changed_at"]
    record(verbs.FLOW_TERMS_SET, actor=actor.actor, team_id=flow.team_id, obj=kept, flow=flow.slug, **told)
    return kept


FIELDS = tuple(Terms.__dataclass_fields__)


def _problems(flow: Flow, terms: Terms) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    people = {name: getattr(terms, name) for name in ("owner", "second_owner")}
    ours = Membership.objects.filter(team=flow.team_id, user__in=[one for one in people.values() if one])
    active = set(ours.filter(user__is_active=True).values_list("user_id", flat=True))
    for name, one in people.items():
        if one and one.pk not in active:
            found[name] = [_("%(user)s is no active member of the team: choose among its members.") % {"user": one}]
    if terms.owner and terms.owner == terms.second_owner:
        found["second_owner"] = [_("The second owner is somebody else.")]
    for name, most in (("seconds", MOST_SECONDS), ("resolved_percent", 100), ("diverted_percent", 100)):
        value = getattr(terms, name)
        if value is not None and not 0 <= value <= most:
            found[name] = [_("Between 0 and %(most)s.") % {"most": most}]
    for name, most in (("runbook", LONGEST_RUNBOOK), ("unattended_because", LONGEST_REASON)):
        if len(getattr(terms, name)) > most:
            found[name] = [_("At most %(n)s characters.") % {"n": most}]
    return found

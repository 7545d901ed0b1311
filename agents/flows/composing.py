"""Flows that a team composes itself: kept as versions, found beside those that ship."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.phrases import spoken
from agents.engine import InvalidGraph
from agents.fleet.actions.policies import require_policy_role
from agents.fleet.models import Flow, FlowVersion
from agents.flows import catalog, verbs
from agents.flows.composed import Stage, recipe_of, stages_of
from agents.flows.recipe import Recipe
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.runs.registry import OWN
from audit.actions import record

MOST_STAGES = 8


@transaction.atomic
def compose_flow(team: Team, name: str, stages: Sequence[Stage], *, actor: User, slug: str = "") -> Recipe:
    """The next version of the team's flow `slug`, without one a new flow; runs that have begun keep theirs.

    Raises NotAllowed, Invalid: `flow` with every problem of the graph, `name` when it is taken.
    """
    require_policy_role(actor, team)
    lock_teams([team.pk])
    kept = _flow(team, name, slug)
    try:
        found = recipe_of(kept.slug, name, stages)
    except InvalidGraph as refused:
        raise Invalid("; ".join(spoken(one) for one in refused.problems), "flow") from None
    kept.name = name
    kept.save()
    number = kept.versions.count() + 1
    given = {"graph": found.graph.describe(), "settings": found.settings, "created_by": actor}
    version = FlowVersion.objects.create(flow=kept, number=number, **given)
    names = [one.name for one in stages]
    record(
        verbs.FLOW_COMPOSED,
        actor=actor.actor,
        team_id=team.pk,
        obj=version,
        flow=kept.slug,
        number=number,
        stages=names,
    )
    return found


def _flow(team: Team, name: str, slug: str) -> Flow:
    if slug:
        return _own(team).get(slug=slug)
    found = Flow(team=team, slug=f"{OWN}{slugify(name)}"[:60], name=name, pattern="state graph")
    if found.slug == OWN or _own(team).filter(slug=found.slug).exists():
        said = _("Another flow is called like this, or nothing of the name is left in an address: choose another.")
        raise Invalid(said, "name", {"name": [said]})
    return found


def _own(team: Team) -> QuerySet[Flow]:
    return Flow.objects.filter(team=team, slug__startswith=OWN)


def own_flows(team: Team) -> list[Recipe]:
    """What the team composed, by name, each in its newest version."""
    newest = FlowVersion.objects.filter(flow__in=_own(team)).order_by("flow", "-number").distinct("flow")
    rows = sorted(newest.select_related("flow"), key=lambda one: one.flow.name)
    return [recipe_of(one.flow.slug, one.flow.name, stages_of(one.settings)) for one in rows]


def recipe(team: Team, slug: str) -> Recipe:
    """The flow of that slug, shipped or the team's own. Raises LookupError."""
    if not slug.startswith(OWN):
        return catalog.recipe(slug)
    for one in own_flows(team):
        if one.slug == slug:
            return one
    raise LookupError(slug)

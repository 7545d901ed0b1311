"""Giving an agent another flow than the one it runs."""

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet.enums import Lifecycle, Verb
from agents.fleet.models import Agent, Assignment
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.flows import verbs
from agents.flows.actions import check_schedules, install_roles, note_reason, version_of
from agents.flows.going_live import lacking
from agents.flows.otherwise import OTHERWISE, alternative
from agents.flows.patterns import HEAVY
from agents.flows.readiness import unready
from agents.flows.recipe import Recipe
from agents.flows.terms import first_terms
from agents.people.locks import lock_teams
from agents.people.models import User
from audit.actions import record


@transaction.atomic
def assign_flow(agent: Agent, recipe: Recipe, *, actor: User, because: str = "", otherwise: str = "") -> Assignment:
    """The agent runs this flow from now on, within the limits it has; runs that have begun keep theirs.

    `otherwise`: the flow of the library that a run takes whose plan wants another route. A heavy pattern needs a
    reason, a live agent a flow that lacks nothing. Raises NotAllowed, Invalid (`nothing_to_run`, `flow`, `because`,
    `otherwise`, `schedule_input`).
    """
    require(actor, agent, Verb.CONFIGURE)
    lock_teams([agent.team_id])
    [agent] = lock_agents([agent])
    given = Assignment.objects.filter(agent=agent).first()
    if given is None:
        raise Invalid(_("Give the agent a model and limits first, on its own page."), "nothing_to_run")
    if problems := unready(recipe.graph):
        raise Invalid(" ".join(problems), "flow")
    flows = [recipe, *([alternative(recipe, otherwise)] if otherwise else [])]
    for one in flows:
        if one.graph.pattern in HEAVY:
            note_reason(agent, one, actor, because.strip())
    check_schedules(agent, recipe.input)
    install_roles(agent.team, [role for one in flows for role in one.roles])
    settings = {**recipe.settings, OTHERWISE: otherwise}
    given.flow_version = version_of(agent.team, actor, recipe.graph, recipe.name, settings)
    given.use_case = recipe.slug
    given.save(update_fields=["flow_version", "use_case"])
    first_terms(given.flow_version.flow, recipe.graph, agent)
    if agent.lifecycle == Lifecycle.LIVE and (problems := lacking(agent)):
        raise Invalid(" ".join(problems), "flow")
    record(
        verbs.FLOW_ASSIGNED,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        flow=recipe.slug,
        number=given.flow_version.number,
        otherwise=otherwise,
    )
    return given

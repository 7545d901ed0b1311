"""Giving an agent of ours what it runs: flow, prompts, policy, models, limits."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.phrases import spoken
from agents.engine import Graph, Json
from agents.fleet.enums import Tier, Vendor, Verb
from agents.fleet.models import (
    Agent,
    Assignment,
    FlowVersion,
    Model,
    PolicyVersion,
    Price,
    PromptVersion,
    Schedule,
)
from agents.fleet.permissions import require
from agents.fleet.queries.policies import policy
from agents.flows import triage, verbs
from agents.flows.otherwise import OTHERWISE, routed
from agents.flows.patterns import HEAVY
from agents.flows.readiness import unready
from agents.flows.recipe import Recipe
from agents.flows.roles import OVERSEER, SUMMARISER, Role
from agents.flows.terms import first_terms, kept_flow
from agents.flows.triage.graph import graph
from agents.flows.triage.prompts import POLICY_RULES, POLICY_STATEMENT, ROLES, SETTINGS
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.runs.actions.caps import MOST_CAP, follow_day_cap
from agents.runs.actions.start import start_run
from agents.runs.enums import Queue
from agents.runs.inputs import check_input, input_schema
from agents.runs.models import Run
from agents.runs.services.prices import context_window
from agents.runs.services.rulebook import LIBRARY
from audit.actions import record

REHEARSAL = {Tier.CHEAP: "rehearsal-small", Tier.STANDARD: "rehearsal-standard", Tier.PREMIUM: "rehearsal-large"}
# What the stand-in's tokens count for, in micro-units a million, so that budgets can be rehearsed too.
REHEARSAL_PRICE = {"input_micros": 150_000, "output_micros": 600_000}
REHEARSAL_WINDOW = 16_000
"""Tokens: small, so that a run can be seen to be shortened."""
OF_A_MODEL = ["provider", "tier", "is_rehearsal", "is_active", "context_window"]
RUN_CAP, DAY_CAP = 500_000, 20_000_000


@transaction.atomic
def equip(
    agent: Agent,
    *,
    actor: User,
    models: Mapping[Tier, str] | None = None,
    run_cap_micros: int = RUN_CAP,
    day_cap_micros: int = DAY_CAP,
    cost_center: str = "",
) -> Assignment:
    """The agent runs triage, or what it was given since; the team gets the prompts, policy and models it lacks.

    Again: new limits, and today's budget follows them down to what is spent and reserved.

    `models`: names by tier at the configured endpoint, for all of the team's agents; with the stand-in model they are
    its own. Caps are micro-units of USD. `cost_center`: empty, the agent's function.
    Raises NotAllowed, Invalid (`not_ours`, `caps`, `models`, `schedule_input`).
    """
    require(actor, agent, Verb.CONFIGURE)
    lock_teams([agent.team_id])
    _check(agent, run_cap_micros, day_cap_micros)
    _install_models(agent.team, models or {})
    _install_words(agent.team)
    runs = {"flow_version": _triage(agent, actor), "use_case": triage.SLUG} if _runs(agent) == triage.SLUG else {}
    assignment, _made = Assignment.objects.update_or_create(
        agent=agent,
        defaults={
            **runs,
            "run_cap_micros": run_cap_micros,
            "day_cap_micros": day_cap_micros,
            "cost_center": cost_center or agent.function,
        },
    )
    _note_equipped(agent, assignment, actor, models=sorted(set((models or {}).values())))
    follow_day_cap(agent, cap_micros=day_cap_micros, actor=actor)
    return assignment


def _note_equipped(agent: Agent, assignment: Assignment, actor: User, *, models: list[str]) -> None:
    record(
        verbs.AGENT_EQUIPPED,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        run_cap_micros=assignment.run_cap_micros,
        day_cap_micros=assignment.day_cap_micros,
        cost_center=assignment.cost_center,
        models=models,
    )


def _check(agent: Agent, run_cap_micros: int, day_cap_micros: int) -> None:
    if agent.vendor != Vendor.OURS:
        raise Invalid(_("Only agents of ours run flows here."), "not_ours")
    if not (0 < run_cap_micros <= day_cap_micros <= MOST_CAP):
        said = _("A run's cap is above zero and at most the day's cap.")
        raise Invalid(said, "caps", {"run_cap_micros": [said]})
    check_schedules(agent, input_schema(_runs(agent)))


def _runs(agent: Agent) -> str:
    """The flow it was given; triage until then."""
    given = Assignment.objects.filter(agent=agent).values_list("flow_version__flow__slug", flat=True)
    return given.first() or triage.SLUG


def _triage(agent: Agent, actor: User) -> FlowVersion:
    version = version_of(agent.team, actor, shipped := graph(SETTINGS), triage.NAME, SETTINGS)
    first_terms(version.flow, shipped, agent)
    return version


def check_schedules(agent: Agent, schema: Mapping[str, Json]) -> None:
    """Raises Invalid (`schedule_input`) where a time of the agent's would start a run without what it works on."""
    for schedule in Schedule.objects.filter(agent=agent, enabled=True):
        try:
            check_input(schema, schedule.input)
        except Invalid:
            at = f"{schedule.local_time:%H:%M}"
            said = _("The run at %(at)s has no ticket to work on: remove that time first.") % {"at": at}
            raise Invalid(said, "schedule_input") from None


@transaction.atomic
def try_flow(
    agent: Agent, recipe: Recipe, *, actor: User, input: dict[str, Json], key: str = "", because: str = ""
) -> Run:
    """One run of a flow of the library by an agent of ours, within the limits it has; its own flow stays what it is.

    The same `key` again: the first run. A heavy pattern needs a reason, kept in the trail. Raises NotAllowed, Invalid
    (`nothing_to_run`, `bad_input`, `flow`, `because`) and Conflict (`retired`).
    """
    require(actor, agent, Verb.INSTRUCT)
    if problems := unready(recipe.graph):
        raise Invalid(" ".join(problems), "flow")
    if recipe.graph.pattern in HEAVY:
        note_reason(agent, recipe, actor, because.strip())
    lock_teams([agent.team_id])  # two who try the same flow for the first time make one row
    install_roles(agent.team, recipe.roles)
    return start_run(
        agent,
        actor=actor,
        input=input,
        title=recipe.name,
        external_id=f"try:{recipe.slug}:{key}" if key else None,
        queue=Queue.URGENT,
        flow_version=version_of(agent.team, actor, recipe.graph, recipe.name, recipe.settings),
    )


def note_reason(agent: Agent, recipe: Recipe, actor: User, because: str) -> None:
    """Why a heavy pattern, in the trail. Raises Invalid (`because`) without a word."""
    if not because:
        said = _("Say why: %(pattern)s costs more and is harder to follow than chaining or routing.")
        said %= {"pattern": spoken(recipe.graph.pattern)}
        raise Invalid(said, "because", {"because": [said]})
    told = {"flow": recipe.slug, "pattern": recipe.graph.pattern, "because": because[:300]}
    record(verbs.HEAVY_FLOW_TRIED, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **told)


def version_of(
    team: Team, actor: User, shipped: Graph, name: str, given: Mapping[str, object] | None = None
) -> FlowVersion:
    """The newest version of the team's flow; the first one is the graph as shipped.

    Another route than it has (`OTHERWISE` among the settings `given`) makes the next one; left out, it stays.
    """
    kept = kept_flow(team, shipped, name)
    newest = kept.versions.order_by("-number").first()
    settings = newest.settings if newest else {**(given or {})}
    route = (given or {}).get(OTHERWISE, settings.get(OTHERWISE, ""))
    drawn = routed(shipped, str(route)).describe()
    is_shipped = not set(given or {}) - {OTHERWISE}
    if newest is None or route != settings.get(OTHERWISE, "") or (is_shipped and newest.graph != drawn):
        number = newest.number + 1 if newest else 1
        settings = {name: said for name, said in (settings | {OTHERWISE: route}).items() if name != OTHERWISE or said}
        newest = FlowVersion.objects.create(flow=kept, number=number, graph=drawn, settings=settings, created_by=actor)
    return newest


def install_roles(team: Team, roles: Iterable[Role]) -> None:
    """The library's first prompts of these roles, where the team has none."""
    _install_prompts(team, LIBRARY, {role.slug: (role.system, role.task) for role in roles})


def _install_prompts(team: Team, flow: str, words: Mapping[str, tuple[str, str]]) -> None:
    first = [
        PromptVersion(team=team, flow=flow, role=role, number=1, system=system, task=task)
        for role, (system, task) in words.items()
    ]
    PromptVersion.objects.bulk_create(first, ignore_conflicts=True)


def _install_models(team: Team, names: Mapping[Tier, str]) -> None:
    rehearsal = settings.MODEL_IS_REHEARSAL
    wanted = REHEARSAL if rehearsal else names
    has_some = Model.objects.filter(team=team, is_rehearsal=rehearsal, is_active=True).exists()
    if not wanted and not has_some:
        raise Invalid(_("Name the model to call, as its provider spells it."), "models")
    known = {model.name: model for model in Model.objects.filter(team=team, name__in=wanted.values())}
    if taken := [name for name, model in known.items() if model.endpoint_id]:
        raise Invalid(_("%(model)s is called at another provider.") % {"model": taken[0]}, "models")
    of_these = Model.objects.filter(team=team, tier__in=wanted, is_rehearsal=rehearsal, endpoint=None)
    of_these.exclude(name__in=wanted.values()).update(is_active=False)
    models = [
        Model(
            team=team,
            name=name,
            tier=tier,
            provider="openai",
            is_rehearsal=rehearsal,
            context_window=REHEARSAL_WINDOW if rehearsal else context_window(name),
        )
        for name, tier in {name: tier for tier, name in wanted.items()}.items()
    ]
    Model.objects.bulk_create(models, update_conflicts=True, unique_fields=["team", "name"], update_fields=OF_A_MODEL)
    if rehearsal:
        since = timezone.now().date()
        made = [model for model in models if model.name not in known]
        Price.objects.bulk_create(Price(model=model, since=since, **REHEARSAL_PRICE) for model in made)


def _install_words(team: Team) -> None:
    install_roles(team, [SUMMARISER, OVERSEER])
    _install_prompts(team, triage.SLUG, ROLES)
    kept = policy(team.pk)
    if kept is None or not kept.statement:  # a limit may have been set before there was a policy
        rules = {**POLICY_RULES, **(kept.rules if kept else {})}
        number = kept.number + 1 if kept else 1
        PolicyVersion.objects.create(team=team, number=number, statement=POLICY_STATEMENT, rules=rules)

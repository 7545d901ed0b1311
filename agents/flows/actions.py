"""Giving an agent of ours what it runs: flow, prompts, policy, models, limits."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet.enums import Tier, Vendor, Verb
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion, Model, PolicyVersion, Price, PromptVersion
from agents.fleet.permissions import require
from agents.flows import triage, verbs
from agents.flows.triage.graph import graph
from agents.flows.triage.prompts import POLICY_RULES, POLICY_STATEMENT, ROLES, SETTINGS
from agents.people.models import Team, User
from audit.actions import record

REHEARSAL = {Tier.CHEAP: "rehearsal-small", Tier.STANDARD: "rehearsal-standard", Tier.PREMIUM: "rehearsal-large"}
# What the stand-in's tokens count for, in micro-units a million, so that budgets can be rehearsed too.
REHEARSAL_PRICE = {"input_micros": 150_000, "output_micros": 600_000}
RUN_CAP, DAY_CAP = 500_000, 20_000_000
MOST_CAP = 10**12


@transaction.atomic
def equip(
    agent: Agent,
    *,
    actor: User,
    models: Mapping[Tier, str] | None = None,
    run_cap_micros: int = RUN_CAP,
    day_cap_micros: int = DAY_CAP,
) -> Assignment:
    """The agent runs triage from now on; the team gets the prompts, policy and models it lacks. Again: new limits.

    `models`: names by tier at the configured endpoint; with the stand-in model they are its own. Caps are millionths of
    the agent's currency. Raises NotAllowed, Invalid (`not_ours`, `caps`, `models`).
    """
    require(actor, agent, Verb.CONFIGURE)
    if agent.vendor != Vendor.OURS:
        raise Invalid(_("Only agents of ours run flows here."), "not_ours")
    if not (0 < run_cap_micros <= day_cap_micros <= MOST_CAP):
        raise Invalid(_("A run's cap is above zero and at most the day's cap."), "caps")
    _install_models(agent.team, models or {})
    _install_words(agent.team)
    assignment, _made = Assignment.objects.update_or_create(
        agent=agent,
        defaults={
            "flow_version": _flow_version(agent.team, actor),
            "run_cap_micros": run_cap_micros,
            "day_cap_micros": day_cap_micros,
            "cost_center": agent.function,
            "use_case": triage.SLUG,
        },
    )
    record(
        verbs.AGENT_EQUIPPED,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        run_cap_micros=run_cap_micros,
        day_cap_micros=day_cap_micros,
    )
    return assignment


def _flow_version(team: Team, actor: User) -> FlowVersion:
    """The newest version of the team's triage; the first one is the graph as shipped."""
    kept, _made = Flow.objects.get_or_create(
        team=team, slug=triage.SLUG, defaults={"name": triage.NAME, "pattern": triage.PATTERN}
    )
    newest = kept.versions.order_by("-number").first()
    if newest is None:
        drawn = graph(SETTINGS).describe()
        newest = FlowVersion.objects.create(flow=kept, number=1, graph=drawn, settings=SETTINGS, created_by=actor)
    return newest


def _install_models(team: Team, names: Mapping[Tier, str]) -> None:
    rehearsal = settings.MODEL_IS_REHEARSAL
    wanted = REHEARSAL if rehearsal else names
    has_some = Model.objects.filter(team=team, is_rehearsal=rehearsal, is_active=True).exists()
    if not wanted and not has_some:
        raise Invalid(_("Name the model to call, as its provider spells it."), "models")
    for tier, name in wanted.items():
        model, made = Model.objects.update_or_create(
            team=team, name=name, defaults={"provider": "openai", "tier": tier, "is_rehearsal": rehearsal}
        )
        if made and rehearsal:
            Price.objects.create(model=model, since=timezone.now().date(), **REHEARSAL_PRICE)


def _install_words(team: Team) -> None:
    for role, (system, task) in ROLES.items():
        PromptVersion.objects.get_or_create(
            team=team, agent=None, flow=triage.SLUG, role=role, number=1, defaults={"system": system, "task": task}
        )
    PolicyVersion.objects.get_or_create(
        team=team, number=1, defaults={"statement": POLICY_STATEMENT, "rules": POLICY_RULES}
    )

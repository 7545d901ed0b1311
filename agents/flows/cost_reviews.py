"""The month's review of cost and latency: made once, each of its proposals accepted or dismissed by a person."""

import datetime as dt
from dataclasses import asdict
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict, NotAllowed
from agents.fleet.actions import require_policy_role, revoke_tool, set_policy
from agents.fleet.actions.policies import POLICIES_BY
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import TEAM_VERBS
from agents.fleet.queries.policies import policy
from agents.flows import verbs
from agents.flows.adjusting import proposals
from agents.flows.enums import AdjustmentKind, AdjustmentState
from agents.flows.models import Adjustment, CostReview
from agents.flows.usage import Month, Usage
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.people.permissions import holds
from agents.runs.services.limits import TOKEN_LIMITS
from agents.runs.services.routing import MODEL_RULES
from audit.actions import record


def require_reader(user: User, team: Team) -> None:
    """Raises NotAllowed unless the person sees all of the team's agents: the figures are of all of them."""
    if not holds(user, team.pk, [role for role, verbs_of in TEAM_VERBS.items() if Verb.VIEW in verbs_of]):
        raise NotAllowed(_("Only those who see every agent see what the whole team costs."), "whole_team")


def may_decide(user: User, team: Team) -> bool:
    """Whether the person may accept or dismiss what a review proposes."""
    return holds(user, team.pk, POLICIES_BY)


def review_month(team: Team, now: dt.datetime | None = None) -> CostReview | None:
    """The review of the last whole month; None where it was made before, or nothing ran."""
    today = (now or timezone.now()).astimezone(ZoneInfo(team.zone)).date()
    month = Month(team, today.replace(day=1)).before
    if CostReview.objects.filter(team=team, month=month.first).exists():
        return None
    usage = month.usage()
    return _made(month, {"usage": usage, "before": month.before.usage()}) if usage else None


@transaction.atomic
def _made(month: Month, figures: dict[str, list[Usage]]) -> CostReview | None:
    team, told = month.team, {name: [asdict(one) for one in rows] for name, rows in figures.items()}
    row = CostReview(team=team, month=month.first, figures=told)
    CostReview.objects.bulk_create([row], ignore_conflicts=True)
    if not CostReview.objects.filter(pk=row.pk).exists():
        return None
    version = policy(team.pk)
    found = proposals(month, version.rules if version else {})
    Adjustment.objects.bulk_create([Adjustment(review=row, **asdict(one)) for one in found])
    record(verbs.COST_REVIEWED, actor=SYSTEM, team_id=team.pk, obj=row, proposals=len(found))
    return row


@transaction.atomic
def accept_adjustment(adjustment: Adjustment, *, actor: User) -> Adjustment:
    """It holds from now on. Raises NotAllowed, Conflict (`decided`), and what the change itself is refused for."""
    held = _open(adjustment, actor)
    if held.kind == AdjustmentKind.UNUSED_TOOL:
        agent = Agent.objects.get(team_id=held.review.team_id, slug=held.change["agent"])
        revoke_tool(agent, tool=held.change["tool"], actor=actor)
    else:
        _add_rule(held, actor)
    return _decided(held, AdjustmentState.TAKEN, actor)


@transaction.atomic
def dismiss_adjustment(adjustment: Adjustment, *, actor: User) -> Adjustment:
    """Nothing changes. Raises NotAllowed, Conflict (`decided`)."""
    return _decided(_open(adjustment, actor), AdjustmentState.DISMISSED, actor)


def _open(adjustment: Adjustment, actor: User) -> Adjustment:
    """Held, after its team: what the policy says is read and changed under one lock."""
    lock_teams([adjustment.review.team_id])
    held = Adjustment.objects.select_for_update(of=("self",), no_key=True).select_related("review__team")
    found = held.get(pk=adjustment.pk)
    require_policy_role(actor, found.review.team)
    if found.state != AdjustmentState.PROPOSED:
        raise Conflict(_("Somebody has decided this already."), "decided")
    return found


def _add_rule(held: Adjustment, actor: User) -> None:
    """First in its list: of models' rules the first that fits decides, of limits the lowest."""
    team = held.review.team
    before = policy(team.pk)
    name = MODEL_RULES if held.kind == AdjustmentKind.CHEAPER_MODEL else TOKEN_LIMITS
    rules = dict(before.rules) if before else {}
    rules[name] = [held.change, *rules.get(name, ())]
    statement = before.statement if before and before.statement else held.why
    set_policy(team, statement=statement, rules=rules, actor=actor)


def _decided(held: Adjustment, state: AdjustmentState, actor: User) -> Adjustment:
    held.state, held.decided_by, held.decided_at = state, actor, timezone.now()
    held.save(update_fields=["state", "decided_by", "decided_at"])
    told = {"kind": held.kind, "change": held.change, "state": state.value}
    record(verbs.ADJUSTMENT_DECIDED, actor=actor.actor, team_id=held.review.team_id, obj=held, **told)
    return held

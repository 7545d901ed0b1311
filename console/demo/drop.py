"""Takes the demo out again, whole, also while its runs run; the trail keeps what it recorded."""

import uuid

from django.db import transaction
from django.db.models import F

from agents.base.models import Outbox, Secret
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.people.models import Membership, Team, User
from agents.runs.enums import RunState
from agents.runs.models import Budget, Run
from console.demo.build import SLUG


def drop() -> None:
    """Everything of the demo team and its people."""
    team = Team.objects.filter(slug=SLUG, is_demo=True).first()
    if team is None:
        return
    elsewhere = Membership.objects.filter(team__is_demo=False).values("user")
    ids = list(User.objects.filter(memberships__team=team).exclude(pk__in=elsewhere).values_list("pk", flat=True))
    _end_runs(team)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        agents = list(Agent.objects.filter(team=team).select_for_update().order_by("pk").values_list("pk", flat=True))
        runs = _locked_runs(team)
        _forget(team, agents)
        Budget.objects.filter(scope_id__in=[team.pk, *agents, *runs]).delete()
        team.delete()
        User.objects.filter(pk__in=ids).delete()


@transaction.atomic
def _end_runs(team: Team) -> None:
    """First of all, and committed: from then on no worker writes to a run of the team, nor takes one up."""
    Agent.objects.filter(team=team).update(lifecycle=Lifecycle.RETIRED)
    open_ones = Run.objects.filter(pk__in=_locked_runs(team)).exclude(state__in=[RunState.DONE, RunState.FAILED])
    open_ones.update(state=RunState.CANCELLED, signal="", lease_until=None, fence=F("fence") + 1)


def _forget(team: Team, agents: list[uuid.UUID]) -> None:
    """What no foreign key holds: credentials, and answers that have not left yet."""
    connections = Connection.objects.filter(agent__team=team).values("pk")
    Secret.objects.filter(owner_type=OWNER_TYPE, owner_id__in=connections).delete()
    Outbox.objects.filter(key__in=[f"agent {pk}" for pk in agents]).delete()


def _locked_runs(team: Team) -> list[uuid.UUID]:
    runs = Run.objects.filter(agent__team=team).select_for_update(of=("self",)).order_by("pk")
    return list(runs.values_list("pk", flat=True))

"""Builds the demo team through the same actions people use."""

import csv
import datetime as dt
import secrets
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from agents.fleet import actions as fleet
from agents.fleet.enums import Lifecycle, OwnerRole, Vendor
from agents.fleet.models import Agent
from agents.flows.actions import equip
from agents.people.actions import add_member, create_team
from agents.people.actions.accounts import new_user
from agents.people.models import Membership, Team, User
from agents.runs.actions import start_run
from agents.runs.enums import RunState
from agents.runs.models import Budget, Run
from console.demo.cast import AGENTS, PEOPLE, DemoAgent

HERE = Path(__file__).parent
SLUG = "demo"
SEATS = (OwnerRole.PRIMARY, OwnerRole.SECOND)
Logins = dict[str, dict[str, str]]


@transaction.atomic
def build() -> Logins:
    """The whole demo with its night queued; returns a generated login per role."""
    team = create_team("Northwind Events (demo)", slug=SLUG, zone="Europe/Madrid", currency="USD", is_demo=True)
    people: dict[str, User] = {}
    logins: Logins = {}
    for person in PEOPLE:
        password = secrets.token_urlsafe(12)
        email = f"{person.key.replace('_', '-')}@demo.example"
        user = new_user(email, password, name=person.name, zone=person.zone, language=person.language)
        add_member(team, user, person.role)
        people[person.key] = user
        logins[person.key] = {"email": email, "password": password}
    for wanted in AGENTS:
        _agent(team, wanted, people)
    _desk(team, people["chief"])
    return logins


def drop() -> None:
    """Everything of the demo team and its people, also while its runs run; the trail keeps what it recorded."""
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
        Budget.objects.filter(scope_id__in=[team.pk, *agents, *runs]).delete()
        team.delete()
        User.objects.filter(pk__in=ids).delete()


@transaction.atomic
def _end_runs(team: Team) -> None:
    """First of all, and committed: from then on no worker writes to a run of the team, nor takes one up."""
    Agent.objects.filter(team=team).update(lifecycle=Lifecycle.RETIRED)
    over = {"state": RunState.CANCELLED, "signal": "", "lease_until": None, "fence": F("fence") + 1}
    Run.objects.filter(pk__in=_locked_runs(team)).update(**over)


def _locked_runs(team: Team) -> list[uuid.UUID]:
    runs = Run.objects.filter(agent__team=team).select_for_update(of=("self",)).order_by("pk")
    return list(runs.values_list("pk", flat=True))


def tickets() -> list[dict[str, str]]:
    with (HERE / "tickets.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _agent(team: Team, wanted: DemoAgent, people: dict[str, User]) -> Agent:
    profile: dict[str, Any] = {
        "name": wanted.name,
        "native_name": wanted.native_name,
        "vendor": wanted.vendor,
        "function": wanted.function,
        "language": wanted.language,
        "purpose": wanted.purpose,
        "outcome": wanted.outcome,
        "value_per_outcome_micros": wanted.value,
        **wanted.profile,
    }
    owners = [(people[key], role) for key, role in zip(wanted.owners, SEATS, strict=False)]
    chief = people["chief"]
    since = dt.date(2026, 1, 15)
    agent = fleet.create_agent(team, actor=chief, owners=owners, slug=wanted.slug, running_since=since, **profile)
    if wanted.kpi:
        key, target, unit = wanted.kpi
        fleet.set_kpi_target(agent, key, target, unit, "higher", actor=chief)
    if wanted.live:
        fleet.go_live(agent, actor=chief)
    return agent


def _desk(team: Team, chief: User) -> None:
    """The one agent of ours: its knowledge, and with the stand-in model its flow and its night."""
    desk = Agent.objects.get(team=team, vendor=Vendor.OURS)
    fleet.add_knowledge(desk, source="policy.md", text=(HERE / "policy.md").read_text(), actor=chief)
    if not settings.MODEL_IS_REHEARSAL:
        return  # Which model to call, and for how much, people say on its page.
    equip(desk, actor=chief)
    for ticket in tickets():
        text = {"text": ticket["text"], "customer": ticket["customer"]}
        start_run(desk, actor=chief, input=text, title=ticket["text"][:80], external_id=ticket["id"])

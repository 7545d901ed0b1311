"""Builds the demo team through the same actions people use, with a month behind it."""

import csv
import datetime as dt
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agents.base.money import MICRO
from agents.fleet import actions as fleet
from agents.fleet.enums import OwnerRole, Vendor
from agents.fleet.models import Agent, AgentOwner
from agents.flows.actions import equip
from agents.flows.retail.sample import open_sample_shop
from agents.people.actions import add_member, create_team
from agents.people.actions.accounts import new_user
from agents.people.models import Membership, Team, User
from agents.runs.actions import start_run
from console.demo import history, promotion, segments, wires
from console.demo.cast import PEOPLE, DemoAgent, Kpi
from console.demo.fleet import AGENTS
from console.demo.month import Month, month

HERE = Path(__file__).parent
SLUG = "demo"
SEATS = (OwnerRole.PRIMARY, OwnerRole.SECOND)
NIGHTS = 30
CHECK_AT, CHECK = dt.time(5, 30), "How long does a refund take?"
"""What our own agents are asked every night, to see that they still answer from the policy."""
THRIFT = Kpi("spend", 1, "USD", "lower")
FEEDBACK = {
    "ava": "One question a message, and never before the second line.",
    "support-desk": "Say the page of the policy you quote.",
    "soporte-es": "Tutea siempre, también cuando el cliente no lo hace.",
}
Logins = dict[str, dict[str, str]]


@transaction.atomic
def build(nights: int = NIGHTS) -> Logins:
    """The whole demo with so many nights behind it and one to come; returns a generated login per role."""
    now = timezone.now()
    past = month(now, nights)
    team = create_team("Northwind Events (demo)", slug=SLUG, zone="Europe/Madrid", currency="USD", is_demo=True)
    logins, people = _people(team)
    agents = {wanted: _agent(team, wanted, people) for wanted in AGENTS}
    _since(team, past)
    _equip([agent for agent in agents.values() if agent.vendor == Vendor.OURS], people["chief"])
    open_sample_shop(Agent.objects.get(team=team, slug="support-desk"), actor=people["chief"])
    history.write(past, agents)
    wires.wire(past, agents, people["chief"])
    segments.write(team, people["operations"])
    promotion.promote(now, list(agents.values()), people["manager"], people["chief"])
    for slug, text in FEEDBACK.items():
        fleet.give_feedback(Agent.objects.get(team=team, slug=slug), text, actor=people["manager"])
    history.observe(agents.values())
    _queue(team, people["chief"])
    wires.report(past, agents, people["chief"])
    return logins


def _people(team: Team) -> tuple[Logins, dict[str, User]]:
    logins: Logins = {}
    people: dict[str, User] = {}
    for person in PEOPLE:
        password = secrets.token_urlsafe(12)
        email = f"{person.key.replace('_', '-')}@demo.example"
        user = new_user(email, password, name=person.name, zone=person.zone, language=person.language)
        add_member(team, user, person.role)
        people[person.key] = user
        logins[person.key] = {"email": email, "password": password}
    return logins, people


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
        "personality": wanted.personality,
        "purpose": wanted.purpose,
        "outcome": wanted.outcome,
        "value_per_outcome_micros": wanted.value * MICRO,
        "waiting_cost_micros_per_hour": wanted.waiting * MICRO,
        "vendor_url": f"https://{wanted.slug}.example/" if wanted.vendor == Vendor.MANUAL else "",
    }
    owners = [(people[key], role) for key, role in zip(wanted.owners, SEATS, strict=False)]
    chief = people["chief"]
    since = dt.date(2026, 1, 15)
    agent = fleet.create_agent(team, actor=chief, owners=owners, slug=wanted.slug, running_since=since, **profile)
    for kpi in {wanted.kpi.key: wanted.kpi, THRIFT.key: THRIFT}.values():
        fleet.set_kpi_target(agent, kpi.key, Decimal(kpi.target), kpi.unit, kpi.better, actor=chief)
    return fleet.go_live(agent, actor=chief) if wanted.live else agent


def _since(team: Team, past: Month) -> None:
    """The company has been here for as long as its month."""
    agents, live = Agent.objects.filter(team=team), {"live_since": past.start}
    agents.update(created_at=past.start, lifecycle_since=past.start)
    agents.exclude(live_since=None).update(**live)
    AgentOwner.objects.filter(agent__team=team).update(since=past.start)
    Membership.objects.filter(team=team).update(since=past.start)


def _equip(ours: list[Agent], chief: User) -> None:
    """Their knowledge, and with the stand-in model their flow and a time of its own."""
    for agent in ours:
        fleet.add_knowledge(agent, source="policy.md", text=(HERE / "policy.md").read_text(), actor=chief)
        if settings.MODEL_IS_REHEARSAL:
            equip(agent, actor=chief)  # Which other model to call, and for how much, people say on its page.
            fleet.add_schedule(agent, actor=chief, local_time=CHECK_AT, input={"text": CHECK, "customer": "Rollcall"})


def _queue(team: Team, chief: User) -> None:
    """Tonight's tickets, for whoever is equipped to answer them."""
    if not settings.MODEL_IS_REHEARSAL:
        return
    desks = {agent.slug: agent for agent in Agent.objects.filter(team=team, vendor=Vendor.OURS)}
    for ticket in tickets():
        text = {"text": ticket["text"], "customer": ticket["customer"]}
        desk = desks[ticket["agent"]]
        start_run(desk, actor=chief, input=text, title=ticket["text"][:80], external_id=ticket["id"])

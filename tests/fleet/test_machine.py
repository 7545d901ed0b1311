"""Whatever people do in whatever order: a live agent has two active owners, and the trail tells the present."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Max
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agents.base.errors import Refused
from agents.fleet.actions import (
    deactivate_user,
    go_live,
    pause_agent,
    reactivate_user,
    remove_owner,
    resume_agent,
    seat_owner,
    set_owners,
)
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.invariants import INVARIANTS
from agents.fleet.models import Agent
from agents.people.actions import change_role
from agents.people.enums import TeamRole
from agents.people.models import Membership, User
from audit.models import AuditEvent
from tests.cast import Cast, make_agent, make_cast, settle
from tests.fleet.trail import present_seats, replayed_seats

AGENTS = st.sampled_from(["refund-agent", "small", "new"])
PEOPLE = st.sampled_from(["owner", "second", "backup", "trainee", "manager", "chief"])
ROLES = st.sampled_from(OwnerRole)
SEATS = st.lists(st.tuples(PEOPLE, ROLES), min_size=1, max_size=3)


class Ownership(RuleBasedStateMachine):
    """The administrator lets everything happen that is not refused."""

    cast: Cast

    @initialize()
    def begin(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.cast = make_cast()
        make_agent(self.cast.team, "small", (self.cast.owner, OwnerRole.PRIMARY), (self.cast.second, OwnerRole.SECOND))
        make_agent(self.cast.team, "new", (self.cast.backup, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
        self.seats = present_seats()
        self.seq = AuditEvent.objects.aggregate(last=Max("seq"))["last"] or 0

    def teardown(self) -> None:
        if hasattr(self, "cast"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def attempt(self, action: Any, *args: Any, **given: Any) -> None:
        with suppress(Refused):
            action(*args, actor=self.cast.administrator, **given)

    def agent(self, slug: str) -> Agent:
        return Agent.objects.get(team=self.cast.team, slug=slug)

    def person(self, name: str) -> User:
        user: User = getattr(self.cast, name)
        return user

    @rule(slug=AGENTS, name=PEOPLE, role=ROLES)
    def seat(self, slug: str, name: str, role: OwnerRole) -> None:
        self.attempt(seat_owner, self.agent(slug), self.person(name), role)

    @rule(slug=AGENTS, name=PEOPLE)
    def remove(self, slug: str, name: str) -> None:
        self.attempt(remove_owner, self.agent(slug), self.person(name))

    @rule(slugs=st.sets(AGENTS, min_size=1), seats=SEATS)
    def replace(self, slugs: set[str], seats: list[tuple[str, OwnerRole]]) -> None:
        agents = [self.agent(slug) for slug in slugs]
        self.attempt(set_owners, agents, [(self.person(name), role) for name, role in seats])

    @rule(name=PEOPLE)
    def deactivate(self, name: str) -> None:
        self.attempt(deactivate_user, self.person(name))
        assert not User.objects.get(pk=self.person(name).pk).is_active

    @rule(name=PEOPLE)
    def reactivate(self, name: str) -> None:
        self.attempt(reactivate_user, self.person(name))

    @rule(slug=AGENTS)
    def live(self, slug: str) -> None:
        self.attempt(go_live, self.agent(slug))

    @rule(slug=AGENTS)
    def pause(self, slug: str) -> None:
        with suppress(Refused):
            pause_agent(self.agent(slug), actor=self.cast.chief, reason="To see what happens.")

    @rule(slug=AGENTS)
    def resume(self, slug: str) -> None:
        self.attempt(resume_agent, self.agent(slug))

    @rule(name=PEOPLE, role=st.sampled_from([TeamRole.MANAGER, TeamRole.CHIEF, TeamRole.ENGINEER]))
    def appoint(self, name: str, role: TeamRole) -> None:
        membership = Membership.objects.get(team=self.cast.team, user=self.person(name))
        self.attempt(change_role, membership, role=role)

    @invariant()
    def the_rules_hold(self) -> None:
        if hasattr(self, "cast"):
            settle()
            assert [problem for _name, check in INVARIANTS for problem in check()] == []

    @invariant()
    def the_trail_tells_the_present(self) -> None:
        if hasattr(self, "cast"):
            assert replayed_seats(self.seq, self.seats) == present_seats()


@pytest.mark.django_db
def test_no_order_of_acts_breaks_the_two_owner_rule_or_the_trail() -> None:
    run_state_machine_as_test(
        Ownership,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

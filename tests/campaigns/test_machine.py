"""Whatever is done in whatever order: one live version, receipts behind every state, the newest word the last."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from agents.base.errors import Refused
from agents.base.ids import uuid7
from agents.fleet.enums import OwnerRole, Vendor
from agents.fleet.models import Agent
from campaigns.actions import (
    begin_version,
    broadcast,
    confirm_manual,
    edit_draft,
    next_context,
    recall,
    take_receipt,
    validate_version,
)
from campaigns.actions.overtaking import overtake
from campaigns.enums import CONFIRMED, SETTLED, Rung, VersionState
from campaigns.invariants import INVARIANTS
from campaigns.models import Broadcast, Campaign, ContextVersion, Delivery
from campaigns.queries import current, held
from tests.campaigns.stage import a_draft, agents
from tests.cast import Cast, make_agent, make_cast

WHO = st.sets(st.sampled_from(["refund-agent", "manual-0", "theirs"]), min_size=1)
# What a vendor's system may answer.
HEARD = st.sampled_from([Rung.SENT, Rung.STORED, Rung.FAILED, Rung.MANUAL_PENDING])


class Campaigning(RuleBasedStateMachine):
    """One campaign; Amelia and Dev do what they like, and agents answer what they like."""

    cast: Cast

    @initialize()
    def begin(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.cast = make_cast()
        agents(self.cast, 1, Vendor.MANUAL)
        make_agent(
            self.cast.team, "theirs", (self.cast.manager, OwnerRole.PRIMARY), (self.cast.chief, OwnerRole.SECOND)
        )
        self.campaign: Campaign = a_draft(self.cast).campaign
        self.price = 429_000_000

    def teardown(self) -> None:
        if hasattr(self, "cast"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def attempt(self, action: Any, *args: Any, **given: Any) -> None:
        with suppress(Refused), transaction.atomic():
            action(*args, **given)

    @property
    def newest(self) -> ContextVersion:
        return self.campaign.versions.latest("number")

    def chosen(self, slugs: set[str]) -> list[Agent]:
        return list(Agent.objects.filter(slug__in=slugs).order_by("slug"))

    @rule()
    def draft(self) -> None:
        self.attempt(begin_version, self.campaign, actor=self.cast.second)

    @rule()
    def edit(self) -> None:
        self.price += 1_000_000
        self.attempt(edit_draft, self.newest, actor=self.cast.owner, price_micros=self.price)

    @rule(slugs=WHO, warned=st.booleans())
    def send(self, slugs: set[str], warned: bool) -> None:
        signed = ["price"] if warned else []
        with suppress(Refused), transaction.atomic():
            version = self.newest
            if version.in_preparation:
                version = validate_version(version, self.chosen(slugs), actor=self.cast.owner, signed=signed)
            broadcast(version, self.chosen(slugs), actor=self.cast.owner, idempotency_key=str(uuid7()))

    @precondition(lambda self: hasattr(self, "cast"))
    @rule(place=st.integers(0, 20), rung=HEARD)
    def hear(self, place: int, rung: Rung) -> None:
        """A worker settles what came back for one delivery that is not settled yet."""
        rows = list(Delivery.objects.exclude(state__in=SETTLED).order_by("pk"))
        if rows:
            delivery = rows[place % len(rows)]
            proof = delivery.sha256 if rung == Rung.STORED else ""
            take_receipt(delivery, rung, evidence={}, sha256=proof)
            delivery.save()

    @rule(place=st.integers(0, 20))
    def paste(self, place: int) -> None:
        rows = list(Delivery.objects.order_by("pk"))
        if rows:
            chosen = rows[place % len(rows)]
            self.attempt(confirm_manual, chosen, actor=self.cast.owner, evidence="Pasted", minutes=1)

    @rule(place=st.integers(0, 5))
    def take_back(self, place: int) -> None:
        rows = list(Broadcast.objects.select_related("version__supersedes").order_by("pk"))
        if rows:
            self.attempt(recall, rows[place % len(rows)], actor=self.cast.owner, reason="Wrong price")

    @rule()
    def housekeep(self) -> None:
        overtake()

    @invariant()
    def receipts_bear_out_every_state(self) -> None:
        if hasattr(self, "cast"):
            assert [found for _name, check in INVARIANTS for found in check()] == []

    @invariant()
    def at_most_one_version_is_live_and_one_in_preparation(self) -> None:
        if hasattr(self, "cast"):
            states = list(ContextVersion.objects.values_list("state", flat=True))
            assert states.count(VersionState.LIVE) <= 1
            assert sum(state in (VersionState.DRAFT, VersionState.VALIDATED) for state in states) <= 1

    @invariant()
    def nobody_is_told_behind_their_owners_back(self) -> None:
        if hasattr(self, "cast"):
            assert not Delivery.objects.filter(agent__slug="theirs").exists()

    @invariant()
    def our_agent_knows_the_newest_word_and_a_vendor_s_only_what_it_confirmed(self) -> None:
        if not hasattr(self, "cast"):
            return
        last = current(Delivery.objects.filter(agent=self.cast.agent)).first()
        assert next_context(self.cast.agent) == (last.rendering.text if last and last.rendering else "")
        manual = list(Agent.objects.filter(slug="manual-0"))
        assert all(row.state in CONFIRMED for row in held(manual))


@pytest.mark.django_db
def test_no_order_of_acts_leaves_two_truths() -> None:
    quick = settings(max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run(Campaigning, settings=quick)

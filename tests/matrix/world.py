"""One of everything that an address may name, made once, and everybody who may try."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from agents.connectors.actions import open_source
from agents.connectors.enums import InboxState
from agents.connectors.models import Connection, InboxEvent
from agents.fleet.actions import (
    Terms,
    add_knowledge,
    add_model,
    add_schedule,
    grant_knowledge,
    grant_tool,
    set_goal,
    set_threshold,
)
from agents.fleet.enums import OwnerRole, Tier, Vendor
from agents.fleet.models import Agent
from agents.flows.models import Adjustment, CostReview
from agents.people.actions import create_token, declare_absence, invite
from agents.people.enums import TeamRole, TokenScope
from agents.people.models import ApiToken, Membership, Team, User
from agents.runs.actions import decide, open_bypass, open_incident
from agents.runs.enums import Queue, RunState
from agents.runs.models import Canary, DailyReview, KnowledgeProposal, Memory, RunException, SavedView, StandingRule
from campaigns.models import BroadcastRequest
from tests.campaigns.stage import a_draft, sent
from tests.cast import make_agent, make_cast, session_of
from tests.matrix.access import ROLES, Outcome
from tests.pages.stage import a_question, a_run, equip

SIGN_IN = "/accounts/login/"


class World:
    """The cast with a run, a question, an invitation, a token, a schedule… of the owner's team."""

    def __init__(self) -> None:
        self.cast = cast = make_cast()
        self.agent: Agent = cast.agent
        equip(self.agent)
        self.run = a_run(self.agent, RunState.WAITING)
        self.done = a_run(self.agent, RunState.DONE, external_id="T-1")
        self.quarantined = a_run(self.agent, RunState.QUARANTINED)
        self.question: RunException = a_question(self.agent, schema={})
        answered = a_question(self.agent, schema={}, title="Another")
        self.decision = decide(
            answered.item, actor=cast.owner, kind="respond", note="Yes", idempotency_key="k", grace_s=3600
        )
        troubled = a_question(self.agent, schema={}, title="A third")
        self.incident = open_incident([troubled], title="Trouble", actor=cast.owner)
        seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND), (cast.backup, OwnerRole.BACKUP)
        self.elsewhere = make_agent(cast.team, "piper", *seats, (cast.trainee, OwnerRole.TRAINEE))
        Agent.objects.filter(pk=self.elsewhere.pk).update(vendor=Vendor.QUALIFIED, vendor_url="https://vendor.example/")
        ahead = timezone.now().date() + dt.timedelta(days=30)
        self.absence = declare_absence(cast.owner, first=ahead, last=ahead, actor=cast.owner)
        review = CostReview.objects.create(team=cast.team, month="2026-10-01", figures={"usage": [], "before": []})
        rule = {"role": "writer", "tier": "cheap"}
        self.adjustment = Adjustment.objects.create(review=review, kind="cheaper_model", change=rule, why="It may do.")
        self.goal = set_goal(
            cast.agent, actor=cast.owner, title="Outreach", key="meetings", target=Decimal(9), first=ahead, due=ahead
        )
        self.threshold = set_threshold(
            cast.team, key="latency_p95", limit=Decimal(9), agent=cast.agent, actor=cast.owner
        )
        self.model = add_model(
            cast.team,
            provider="Far",
            base_url="https://far.example.com/v1",
            key="k",
            name="far-1",
            tier=Tier.PREMIUM,
            input_micros=1,
            output_micros=1,
            actor=cast.chief,
        )
        self.view = SavedView.objects.create(user=cast.owner, team=cast.team, name="Mine", query="?mine=1")
        self.rule = StandingRule.objects.create(
            agent=self.agent,
            kind=answered.kind,
            conditions=[{"field": "severity", "is": "is", "value": answered.severity}],
            decision="respond",
            note="Yes",
            most_a_day=1,
            expires_at=timezone.now() + dt.timedelta(days=1),
            author=cast.backup,
        )
        hour = timezone.now() + dt.timedelta(hours=1)
        self.bypass = open_bypass(self.elsewhere, until=hour, reason="Peak", actor=cast.owner)
        self.connection = Connection.objects.create(agent=self.elsewhere)
        self.invitation, self.link = invite(
            cast.team, email="new@northwind.example", role=TeamRole.MANAGER, actor=cast.chief
        )
        night = {"text": "What is still open?"}
        self.schedule = add_schedule(self.agent, actor=cast.owner, local_time=dt.time(2), input=night)
        add_knowledge(self.agent, source="policy.md", text="Refunds within 14 days.", actor=cast.owner)
        grant_knowledge(self.agent, lender=self.elsewhere, why="One desk", actor=cast.owner)
        days = dt.timedelta(days=90)
        self.proposal = KnowledgeProposal.objects.create(agent=self.agent, fingerprint="f", title="When?", text="Soon.")
        self.memory = Memory.objects.create(
            agent=self.agent, about="a" * 64, text="Wants a call", step_key="publish/1", until=timezone.now() + days
        )
        grant_tool(self.agent, tool="get_order_details", terms=Terms(), actor=cast.owner)
        began = timezone.now() - dt.timedelta(hours=12)
        self.day = DailyReview.objects.create(agent=self.agent, day=began.date(), since=began)
        self.token, _secret = create_token(
            cast.team, cast.owner, name="robot", scopes=[TokenScope.READ], days=1, actor=cast.owner
        )
        self.draft = a_draft(cast)
        self.broadcast = sent(a_draft(cast, "Summit speakers", offer="Dinner"), [self.agent], cast.owner)
        self.delivery = self.broadcast.deliveries.get()
        assert self.broadcast.version
        self.request = BroadcastRequest.objects.create(
            version=self.broadcast.version, agent=self.agent, asked_by=cast.chief
        )
        self.source, _secret = open_source(cast.team, name="n8n", actor=cast.chief)
        self.event = InboxEvent.objects.create(
            source=self.source, external_id="m", body=b"{}", state=InboxState.QUARANTINED, agent_name="Bot"
        )
        for queue in Queue.values:
            # Ahead of the clock: the last test may come more than a minute from now.
            Canary.objects.create(queue=queue, seen_at=timezone.now() + dt.timedelta(hours=1))
        people = {role: getattr(cast, role) for role in ROLES if role != "anonymous"}
        self.sessions = {role: session_of(user) for role, user in people.items()}
        self.secrets = {role: self._secret(user) for role, user in people.items()}
        just_used()
        self.handler = ClientHandler(enforce_csrf_checks=False)
        self.handler.load_middleware()

    def membership(self, role: str) -> Membership:
        return Membership.objects.get(user=getattr(self.cast, role))

    def _secret(self, user: User) -> str:
        team: Team = self.cast.rival_team if user == self.cast.rival else self.cast.team
        _token, secret = create_token(team, user, name="m", scopes=TokenScope.values, days=1, actor=user)
        return secret

    def browser(self, role: str, *, htmx: bool = False) -> Client:
        """A browser in which this person is signed in."""
        client = self._client({"HX-Request": "true"} if htmx else {})
        if role in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def robot(self, role: str) -> Client:
        """A machine that works for this person, with every scope."""
        headers = {"Authorization": f"Bearer {self.secrets[role]}"} if role in self.secrets else {}
        return self._client(headers)

    def _client(self, headers: dict[str, str]) -> Client:
        client = Client(headers=headers, raise_request_exception=False)
        client.handler = copy(self.handler)  # with its middleware; each of its own would load all of it again
        return client


def just_used() -> None:
    """Spare each call the note that its token was used: taken back with the call, every call would write it."""
    ApiToken.objects.update(last_used_at=timezone.now() + dt.timedelta(hours=1))


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def take_back() -> None:
    """What was written inside `undone` so far: one statement, where an `undone` of each request's own takes three."""
    connection.savepoint_rollback(connection.savepoint_ids[-1])
    connection.needs_rollback = False


def outcome(response: HttpResponseBase) -> Outcome | int:
    """What the answer means for who asked; any other refusal is its own status."""
    status, to = response.status_code, response.get("Location", "")
    known: dict[int, Any] = {401: Outcome.SIGN_IN, 403: Outcome.REFUSED, 404: Outcome.UNKNOWN, 422: Outcome.CHOOSE}
    if status in known:
        return Outcome(known[status])
    if status in (301, 302) and to.startswith(SIGN_IN):
        return Outcome.SIGN_IN
    return Outcome.THROUGH if status < 400 or status == 409 else status

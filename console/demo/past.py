"""What people decided on the mornings of the month: exceptions settled, days reviewed, minutes given."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.base.ids import uuid7
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent, AgentOwner, ReviewTime
from agents.people.models import User
from agents.runs import verbs
from agents.runs.enums import (
    DecisionKind,
    ExceptionKind,
    ExceptionState,
    ItemState,
    ReviewState,
    RootCause,
    RunState,
    Severity,
)
from agents.runs.fingerprints import fingerprint
from agents.runs.models import DailyReview, Decision, ReviewItem, Run, RunException
from agents.runs.ranking import Case, judge
from agents.runs.signals import Facts
from audit.actions import record_each
from console.demo.bulk import copy
from console.demo.month import Month, at
from console.demo.samples import show

BEGIN, EACH = dt.time(8), dt.timedelta(seconds=95)
"""When the manager begins, and how long she gives an agent."""
COVER_EVERY = 5
"""Every fifth morning the second owner covers."""
NOTES = ("Shorter answers, please.", "Ask for the company before you offer a date.", "Quote the page you mean.")


@dataclass(frozen=True)
class Settled:
    """A run, whether a person had to settle something of it, and on which morning."""

    run: Run
    asked: bool
    morning: dt.date


@dataclass(frozen=True)
class People:
    """Who reviews which agent."""

    month: Month
    agents: Sequence[Agent]

    @cached_property
    def owners(self) -> dict[object, list[User]]:
        found: dict[object, list[User]] = defaultdict(list)
        for seat in AgentOwner.objects.filter(agent__in=self.agents).select_related("user").order_by("user__email"):
            found[seat.agent_id].append(seat.user)
        return found

    def reviewer(self, agent: Agent, morning: dt.date) -> User:
        """The same person for the whole fleet on most days; somebody else of its owners on every fifth."""
        owners = sorted(self.owners[agent.pk], key=lambda user: user.name)
        covers = self.month.mornings.index(morning) % COVER_EVERY == COVER_EVERY - 1
        return owners[-1 if covers else 0]

    def at(self, agent: Agent, morning: dt.date) -> dt.datetime:
        """When they come to this agent: one after the other."""
        return at(morning, BEGIN) + EACH * self.agents.index(agent)


def settle(month: Month, runs: Sequence[Settled]) -> None:
    """Everything of the month's nights is decided on its mornings."""
    agents = list({each.run.agent.pk: each.run.agent for each in runs}.values())
    people = People(month, agents)
    _exceptions(people, [each for each in runs if each.asked or each.run.state == RunState.FAILED])
    _reviews(people)
    show(agents)


def _exceptions(people: People, runs: Sequence[Settled]) -> None:
    raised = [_exception(each, people) for each in runs]
    items = [_item(exception) for exception in raised]
    decided = [
        _decision(people.reviewer(item.agent, each.morning), item=item, at=item.decided_at or people.month.cut)
        for each, item in zip(runs, items, strict=True)
    ]
    for rows in (raised, items, decided):
        copy(rows)
    _record(verbs.DECISION_MADE, decided)


def _exception(settled: Settled, people: People) -> RunException:
    run = settled.run
    failed = run.state == RunState.FAILED
    exception = RunException(
        agent=run.agent,
        run=run,
        kind=ExceptionKind.FAILURE if failed else ExceptionKind.HANDOFF,
        severity=Severity.HIGH if failed else Severity.MEDIUM,
        title=run.title[:300],
        detail=run.reason or run.input["text"],
        evidence={"source": run.source},
        state=ExceptionState.RESOLVED,
        answer={"decision": "respond", "note": ""},
        cause="failed" if failed else "handoff",
        opened_at=run.state_since,
        resolved_at=people.at(run.agent, settled.morning),
        root_cause=RootCause.TOOL if failed else RootCause.CASE,
    )
    exception.fingerprint = fingerprint(exception)
    return exception


def _item(exception: RunException) -> ReviewItem:
    rank, reason = judge(Case(Facts(exception)))
    return ReviewItem(
        agent=exception.agent,
        exception=exception,
        state=ItemState.DECIDED,
        rank=rank,
        rank_reason=reason,
        created_at=exception.opened_at,
        decided_at=exception.resolved_at,
    )


def _decision(
    user: User,
    *,
    at: dt.datetime,
    item: ReviewItem | None = None,
    review: DailyReview | None = None,
    kind: DecisionKind = DecisionKind.RESPOND,
    note: str = "",
) -> Decision:
    return Decision(item=item, review=review, actor=user, kind=kind, note=note, idempotency_key=str(uuid7()), at=at)


def _reviews(people: People) -> None:
    reviews, decided, minutes = [], [], []
    for agent in people.agents:
        since = people.month.start
        for morning in people.month.mornings:
            until, user = people.at(agent, morning), people.reviewer(agent, morning)
            change = _wants_change(agent, morning)
            review = _review(agent, morning, since, until, change)
            kind = DecisionKind.NEEDS_CHANGE if change else DecisionKind.APPROVE
            decided.append(_decision(user, review=review, at=until, kind=kind, note=change))
            minutes.append(_minutes(agent, user, morning, until))
            reviews.append(review)
            since = until
    for rows in (reviews, decided, minutes):
        copy(rows)
    _record(verbs.REVIEW_DECIDED, decided)


def _wants_change(agent: Agent, morning: dt.date) -> str:
    """About every thirtieth day is not good enough; what is said of it."""
    dice = random.Random(f"{agent.slug}/{morning}")
    return dice.choice(NOTES) if dice.random() < 1 / 30 else ""


def _review(agent: Agent, day: dt.date, since: dt.datetime, until: dt.datetime, change: str) -> DailyReview:
    return DailyReview(
        agent=agent,
        day=day,
        state=ReviewState.NEEDS_CHANGE if change else ReviewState.APPROVED,
        state_since=until,
        since=since,
        until=until,
        shown_at=until,
        opened_at=at(day, dt.time(6)),
    )


def _minutes(agent: Agent, user: User, day: dt.date, until: dt.datetime) -> ReviewTime:
    dice = random.Random(f"{agent.slug}/{day}/minutes")
    longest = 240 if agent.vendor == Vendor.MANUAL else 110
    return ReviewTime(user=user, agent=agent, day=day, seconds=dice.randint(35, longest), last_at=until)


def _record(verb: str, decided: Sequence[Decision]) -> None:
    """One line of the trail for each decision, in the name of whoever took it."""
    by_agent: dict[tuple[Agent, User], list[Decision]] = defaultdict(list)
    for decision in decided:
        about = decision.item or decision.review
        assert about is not None
        by_agent[about.agent, decision.actor].append(decision)
    for (agent, user), found in by_agent.items():
        said = (
            (each.review or each, {"kind": each.kind, "note": each.note, "at": each.at, "demo": True}) for each in found
        )
        record_each(verb, said, actor=user.actor, team_id=agent.team_id, agent_id=agent.pk)

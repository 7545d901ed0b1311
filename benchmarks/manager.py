"""A scripted manager in a real browser clears a morning: 25 agents, 4 that wait, 12 exceptions, 14 quiet.

An interaction is a key pressed as a command, a click, or a field filled; a word is shown when it is visible for the
first time: Today, the list, each day and item opened, each 1:1. The estimate is that of requirements 5.1: words at 240
a minute, 2 s an interaction, 45 s for every item, those that wait included.
"""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from agents.fleet.models import Agent, KpiPoint, KpiTarget, OneOnOne
from agents.runs.actions import raise_exception
from agents.runs.actions.releasing import release_due
from agents.runs.enums import OPEN_REVIEWS, ExceptionKind, ItemState, RunState
from agents.runs.models import DailyReview, Output, ReviewItem, Run
from benchmarks.fleet import make_agents, make_team
from benchmarks.pages import signed_in
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from benchmarks.walker import CHROMIUM, Manager, morning, opened

AGENTS, QUIET, RUNS = 25, 14, 12
K = ExceptionKind
WAITS = ((K.APPROVAL, "May I refund {n}0 USD for order 8821{n}?"),) * 3 + ((K.QUESTION, "What became of parcel {n}?"),)
WRONG = (
    (K.HANDOFF, "A customer asks for a person about order 7741{n}"),
    (K.FAILURE, "The reply to ticket 901{n} could not be sent"),
    (K.GUARDRAIL, "A reply to ticket 66{n} names no source"),
) * 4
DETAIL = "The customer wrote twice since yesterday and says that the first answer did not help."
REPLY = "Thank you for your message. Your ticket can be changed until two days before the event, free of charge."


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Afterwards nothing may be open, neither an item nor an agent's day, and every agent had its 1:1."""
    if not CHROMIUM.exists():
        return [Row("a morning with 25 agents", "There is no Chromium here: apt-get install chromium measures it.")]
    agents = make_agents(make_team(), AGENTS, steps=1)
    _night(agents)
    cookie = signed_in(agents[0])
    with stand.worker("urgent", 1), stand.web() as port:
        url = f"http://127.0.0.1:{port}"
        with opened(url, cookie) as page:
            manager = Manager(page)
            morning(manager, url, grace_s=settings.DECISION_GRACE)
    left = _left(agents)
    assert left == (0, 0, 0), f"{left[0]} items, {left[1]} days and {left[2]} agents that nobody met are left"
    return [
        at_most(f"a morning with {AGENTS} agents, interactions", spread([manager.interactions], "interactions"), 120),
        at_most(f"a morning with {AGENTS} agents, words shown", spread([manager.words], "words"), 6_000),
        at_most(f"a morning with {AGENTS} agents, estimate", spread([manager.minutes], "min"), 45),
    ]


def _night(agents: list[Agent]) -> None:
    """Every agent ran and published; eleven need somebody: four wait, and there are twelve exceptions."""
    now = datetime.now(UTC)
    for number, agent in enumerate(agents):
        made = [Run(agent=agent, title=f"Ticket {n}", state=RunState.DONE) for n in range(RUNS)]
        for place, each in enumerate(made):
            each.created_at = each.state_since = now - timedelta(minutes=30 * place + 10)
        Run.objects.bulk_create(made)
        passed = {"publishable": True, "verdicts": []}
        Output.objects.bulk_create(
            Output(run=each, step_key="s", kind="reply", content=REPLY, pass_record=passed, created_at=each.created_at)
            for each in made
        )
        DailyReview.objects.create(agent=agent, day=now.date(), since=now - timedelta(hours=14))
        KpiTarget.objects.create(agent=agent, key="resolved", target=90)
        KpiPoint.objects.create(agent=agent, key="resolved", day=now.date(), value=93 + number % 3)
    loud = agents[QUIET:]
    for number, (kind, title) in enumerate((*WAITS, *WRONG)):
        _ask(loud[number % len(loud)], kind, title.format(n=number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _ask(agent: Agent, kind: ExceptionKind, title: str) -> None:
    proposal = {"order": title[-6:], "amount": 40} if kind == K.APPROVAL else None
    raise_exception(agent, kind=kind, title=title, detail=DETAIL, proposal=proposal)


def _left(agents: list[Agent]) -> tuple[int, int, int]:
    """Items and days that are still open, once what was decided has taken effect, and agents without their 1:1."""
    time.sleep(settings.DECISION_GRACE + 1)
    release_due()
    items = ReviewItem.objects.filter(agent__in=agents).exclude(state=ItemState.DECIDED).count()
    days = DailyReview.objects.filter(agent__in=agents, state__in=OPEN_REVIEWS)
    return items, days.count(), len(agents) - OneOnOne.objects.filter(agent__in=agents).count()

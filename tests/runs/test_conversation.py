"""Several runs of one thread are one conversation: what the next of them has at hand."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.runs.enums import RunState
from agents.runs.models import Output, Run, ToolUse, Turn
from agents.runs.queries.conversation import conversation
from agents.runs.services import services_for
from agents.runs.services.conversation import IN_A_LINE, IN_FULL, LINE, thread_of
from tests.cast import Cast, make_agent

pytestmark = pytest.mark.django_db
KIM: dict[str, Any] = {"email": "Kim@Example.com"}


def said(
    cast: Cast, text: str, answer: str = "", agent: Agent | None = None, **given: Any
) -> tuple[Run, list[dict[str, str]]]:
    """A run that takes its turn, and what it has at hand."""
    run = Run.objects.create(agent=agent or cast.agent, input={"text": text, **given})
    found = services_for(run).conversation.so_far()
    if answer:
        Output.objects.create(run=run, step_key="publish/1", kind="reply", content=answer, pass_record={})
        Run.objects.filter(pk=run.pk).update(state=RunState.DONE)
    return run, found


def test_a_thread_is_what_an_input_names_else_the_address_and_never_a_name(cast: Cast) -> None:
    team, chat = cast.team.pk, {"thread": "T-1", "channel": "chat"}
    assert thread_of(team, chat | KIM) == thread_of(team, chat)
    others = [thread_of(team, {"thread": "T-1"}), thread_of(cast.rival_team.pk, chat)]
    assert thread_of(team, chat) not in others
    assert thread_of(team, KIM) == thread_of(team, {"contact": "kim@example.com"}) != ("", False)
    assert thread_of(team, {"customer": "Kim Lee"}) == ("", False)


def test_the_next_run_knows_what_was_asked_answered_and_done_and_by_whom(cast: Cast) -> None:
    other = make_agent(cast.team, "helper", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    first, none = said(cast, "Where is my order?", "On its way.", **KIM)
    ToolUse.objects.create(run=first, step_key="act/1", agent=cast.agent, tool="modify_user_address", changed=True)
    second, one = said(cast, "And the other?", agent=other, **KIM)
    _third, two = said(cast, "Hello?", **KIM)
    assert none == []
    assert [(turn["asked"], turn["by"]) for turn in two] == [
        ("Where is my order?", "refund-agent"),
        ("And the other?", "helper"),
    ]
    told = {"answered": "On its way.", "did": "modify_user_address", "run": str(first.pk), "state": "done"}
    assert one[0] | told == one[0]
    assert services_for(second).conversation.so_far() == one  # a resumed run takes no second turn
    assert Turn.objects.count() == 3


def test_an_address_is_one_conversation_for_a_day_and_a_thread_for_as_long_as_it_is_named(cast: Cast) -> None:
    thread: dict[str, Any] = {"thread": "T-1"}
    for given in (KIM, thread):
        said(cast, "Yesterday", **given)
    Turn.objects.update(at=timezone.now() - dt.timedelta(hours=25))
    assert said(cast, "Today", **KIM)[1] == []
    assert [turn["asked"] for turn in said(cast, "Today", thread="T-1")[1]] == ["Yesterday"]


def test_a_long_conversation_is_told_in_lines_first_and_then_not_at_all(cast: Cast) -> None:
    start = timezone.now() - dt.timedelta(minutes=50)
    runs = Run.objects.bulk_create(
        Run(
            agent=cast.agent,
            input={"text": f"{number} {'x' * 400}", "thread": "T-1"},
            created_at=start + dt.timedelta(minutes=number),
        )
        for number in range(IN_FULL + IN_A_LINE + 3)
    )
    thread, _named = thread_of(cast.team.pk, {"thread": "T-1"})
    Turn.objects.bulk_create(Turn(run=run, thread=thread, at=run.created_at) for run in runs)
    found = said(cast, "Now", thread="T-1")[1]
    assert [turn["asked"].split()[0] for turn in found] == [str(number) for number in range(3, len(runs))]
    assert [len(turn["asked"]) == LINE for turn in found] == [True] * IN_A_LINE + [False] * IN_FULL


def test_people_see_the_turns_of_agents_they_may_see(cast: Cast) -> None:
    other = make_agent(cast.team, "helper", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    first, _found = said(cast, "One", **KIM)
    alone, _found = said(cast, "Alone", email="lee@example.com")
    second, _found = said(cast, "Two", agent=other, **KIM)
    everybody = Agent.objects.filter(team=cast.team)
    assert conversation(first, everybody) == [first, second]
    assert conversation(first, everybody.exclude(pk=other.pk)) == conversation(alone, everybody) == []

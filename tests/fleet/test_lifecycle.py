"""Onboarding, live, paused, retired: each way once, each with its event."""

from collections.abc import Callable

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet import verbs
from agents.fleet.actions import go_live, pause_agent, remove_owner, resume_agent, retire_agent
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent
from agents.people.models import User
from tests.cast import Cast, make_agent
from tests.fleet.trail import events

PRIMARY, SECOND, BACKUP, TRAINEE = OwnerRole
Move = Callable[[Agent, User], Agent]
GO_LIVE: Move = lambda agent, user: go_live(agent, actor=user)  # noqa: E731
PAUSE: Move = lambda agent, user: pause_agent(agent, actor=user, reason="Costs too much.")  # noqa: E731
RESUME: Move = lambda agent, user: resume_agent(agent, actor=user)  # noqa: E731
RETIRE: Move = lambda agent, user: retire_agent(agent, actor=user)  # noqa: E731
MOVES = {"go live": GO_LIVE, "pause": PAUSE, "resume": RESUME, "retire": RETIRE}
ALLOWED = {
    ("onboarding", "go live"): "live",
    ("onboarding", "pause"): "paused",
    ("onboarding", "resume"): "onboarding",
    ("onboarding", "retire"): "retired",
    ("live", "go live"): "live",
    ("live", "pause"): "paused",
    ("live", "resume"): "live",
    ("live", "retire"): "retired",
    ("paused", "pause"): "paused",
    ("paused", "resume"): "onboarding",
    ("paused", "retire"): "retired",
    ("retired", "retire"): "retired",
}


def agent_in(cast: Cast, lifecycle: str) -> Agent:
    owners = (cast.owner, PRIMARY), (cast.second, SECOND)
    return make_agent(cast.team, "moved", *owners, lifecycle=Lifecycle(lifecycle))


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("lifecycle", Lifecycle.values)
def test_each_move_is_allowed_from_where_it_makes_sense(cast: Cast, lifecycle: str, move: str) -> None:
    agent = agent_in(cast, lifecycle)
    to = ALLOWED.get((lifecycle, move))
    if to is None:
        with pytest.raises(Conflict):
            MOVES[move](agent, cast.owner)
    else:
        assert MOVES[move](agent, cast.owner).lifecycle == to
    assert Agent.objects.get(pk=agent.pk).lifecycle == (to or lifecycle)


def test_a_pause_says_why_and_a_resume_goes_back_to_live(cast: Cast) -> None:
    agent = GO_LIVE(agent_in(cast, "onboarding"), cast.owner)
    paused = PAUSE(agent, cast.second)
    assert (paused.lifecycle_reason, RESUME(paused, cast.second).lifecycle) == ("Costs too much.", Lifecycle.LIVE)
    told = [*events(verbs.AGENT_LIVE), *events(verbs.AGENT_PAUSED), *events(verbs.AGENT_RESUMED)]
    assert [(event["before"], event["after"]) for event in told] == [
        ("onboarding", "live"),
        ("live", "paused"),
        ("paused", "live"),
    ]


def test_a_pause_without_a_reason_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        pause_agent(cast.agent, actor=cast.owner, reason=" ")
    assert list(refused.value.fields) == ["reason"]


def test_a_paused_agent_left_with_one_owner_does_not_resume(cast: Cast) -> None:
    agent = PAUSE(GO_LIVE(agent_in(cast, "onboarding"), cast.owner), cast.owner)
    remove_owner(agent, cast.second, actor=cast.owner)
    with pytest.raises(Invalid, match="moved") as refused:
        RESUME(agent, cast.owner)
    assert refused.value.code == "two_owners"


def test_twice_is_once(cast: Cast) -> None:
    PAUSE(cast.agent, cast.backup)
    PAUSE(cast.agent, cast.backup)
    assert len(events(verbs.AGENT_PAUSED)) == 1


@pytest.mark.parametrize(
    ("person", "move"),
    [
        ("second", GO_LIVE),
        ("engineer", GO_LIVE),
        ("operations", RETIRE),
        ("second", RETIRE),
        ("trainee", PAUSE),
        ("administrator", PAUSE),
        ("rival", PAUSE),
        ("auditor", RESUME),
    ],
)
def test_who_may_not_is_refused(cast: Cast, person: str, move: Move) -> None:
    with pytest.raises(NotAllowed):
        move(cast.agent, getattr(cast, person))

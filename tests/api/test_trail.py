"""The trail over the wire: who reads how much of it, newest first."""

from typing import Any

import pytest

from agents.fleet import verbs
from audit.actions import record
from tests.api.conftest import MakeMachine
from tests.cast import Cast


@pytest.fixture
def acts(cast: Cast) -> None:
    """Three acts on the agent, one of the team alone, one next door."""
    for _ in range(3):
        about: dict[str, Any] = {"team_id": cast.team.pk, "obj": cast.agent, "agent_id": cast.agent.pk}
        record(verbs.AGENT_EDITED, actor=cast.owner.actor, **about, purpose="more")
    record(verbs.AGENT_CREATED, actor=cast.chief.actor, team_id=cast.team.pk)
    record(verbs.AGENT_CREATED, actor=cast.rival.actor, team_id=cast.rival_team.pk)


@pytest.mark.usefixtures("acts")
@pytest.mark.parametrize(
    ("role", "edited", "created"),
    [("auditor", 3, 1), ("chief", 3, 1), ("owner", 3, 0), ("trainee", 3, 0), ("rival", 0, 1)],
)
def test_the_whole_team_is_read_by_its_auditor_and_ones_own_agents_by_their_owner(
    machine: MakeMachine, role: str, edited: int, created: int
) -> None:
    caller = machine(role)
    found = caller.get("/audit-events?verb=agent.edited")[1]["items"]
    assert [event["said"] for event in found] == [{"purpose": "more"}] * edited
    assert len(caller.get("/audit-events?verb=agent.created")[1]["items"]) == created


@pytest.mark.usefixtures("acts")
@pytest.mark.parametrize("role", ["manager", "engineer", "leadership", "human_agent"])
def test_the_trail_is_closed_to_who_neither_audits_nor_owns(machine: MakeMachine, role: str) -> None:
    status, problem = machine(role).get("/audit-events")
    assert (status, problem["code"]) == (403, "trail")


@pytest.mark.usefixtures("acts")
def test_events_are_paged_by_their_number_newest_first(machine: MakeMachine) -> None:
    caller, seen, before = machine("auditor"), [], ""
    while True:
        status, page = caller.get(f"/audit-events?verb=agent.edited&limit=2{before}")
        assert status == 200
        seen += [event["seq"] for event in page["items"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 3


@pytest.mark.parametrize("query", ["before=0", "before=9999999999999999999", "limit=501", "limit=none"])
def test_a_page_that_cannot_be_asked_for_is_refused(machine: MakeMachine, query: str) -> None:
    assert machine("auditor").get(f"/audit-events?{query}")[0] == 422

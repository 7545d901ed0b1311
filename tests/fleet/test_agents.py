"""Adding and editing agents, their targets, schedules and knowledge."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed, Refused
from agents.fleet import verbs
from agents.fleet.actions import (
    add_knowledge,
    add_schedule,
    create_agent,
    edit_agent,
    remove_knowledge,
    remove_schedule,
    set_kpi_target,
)
from agents.fleet.enums import Function, Lifecycle, Observed, OwnerRole, Vendor
from agents.fleet.models import Agent, KnowledgePassage, KpiTarget, Schedule
from agents.people.models import User
from tests.cast import Cast
from tests.fleet.test_verbs import PERSONS
from tests.fleet.test_verbs import verbs as verbs_of
from tests.fleet.trail import events, owners_of

PRIMARY, SECOND, BACKUP, TRAINEE = OwnerRole
PROFILE: dict[str, Any] = {"name": "Lead finder", "vendor": Vendor.ARTISAN, "function": Function.SALES}


def create(cast: Cast, actor: User | None = None, **given: Any) -> Agent:
    values = {"owners": [(cast.owner, PRIMARY)], "running_since": "2026-01-15", **PROFILE, **given}
    return create_agent(cast.team, actor=actor or cast.owner, **values)


def test_a_new_agent_starts_in_onboarding_with_owners_status_and_grants(cast: Cast) -> None:
    agent = create(cast, owners=[(cast.second, SECOND), (cast.owner, PRIMARY)], native_name="Ava")
    fresh = Agent.objects.select_related("status").get(pk=agent.pk)
    assert (fresh.slug, fresh.lifecycle, fresh.native_name) == ("lead-finder", Lifecycle.ONBOARDING, "Ava")
    assert owners_of(fresh) == {"Amelia": ("primary", False), "Dev": ("second", False)}
    assert (fresh.status.state, fresh.status.evidence["connected"]) == (Observed.DISCONNECTED, False)
    assert verbs_of(cast.owner, fresh) == PERSONS["owner"]
    assert verbs_of(cast.auditor, fresh) == PERSONS["auditor"]
    [told] = events(verbs.AGENT_CREATED)
    assert told["profile"]["vendor"] == "artisan"


def test_an_agent_of_ours_starts_idle(cast: Cast) -> None:
    assert create(cast, vendor=Vendor.OURS).status.state == Observed.IDLE


@pytest.mark.parametrize("person", ["auditor", "leadership", "operations", "human_agent", "rival"])
def test_who_does_not_add_agents_is_refused(cast: Cast, person: str) -> None:
    with pytest.raises(NotAllowed):
        create(cast, actor=getattr(cast, person))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x\x00y"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"vendor": "skynet"}, "vendor"),
        ({"function": ""}, "function"),
        ({"vendor_url": "javascript:alert(1)"}, "vendor_url"),
        ({"currency": "euro"}, "currency"),
        ({"value_per_outcome_micros": -1}, "value_per_outcome_micros"),
        ({"slug": "no spaces please"}, "slug"),
        ({"running_since": "2099-01-01"}, "running_since"),
        ({"running_since": "yesterday"}, "running_since"),
        ({"owners": []}, "owners"),
    ],
)
def test_what_cannot_be_is_refused_by_field(cast: Cast, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(cast, **given)
    assert field in refused.value.fields
    assert Agent.objects.filter(team=cast.team).count() == 1


def test_owners_are_distinct_members_with_one_primary(cast: Cast) -> None:
    for owners in (
        [(cast.second, SECOND)],
        [(cast.owner, PRIMARY), (cast.second, PRIMARY)],
        [(cast.owner, PRIMARY), (cast.owner, SECOND)],
        [(cast.owner, PRIMARY), (cast.rival, SECOND)],
        [(cast.owner, "king")],
    ):
        with pytest.raises(Invalid) as refused:
            create(cast, owners=owners)
        assert refused.value.code == "owners"


def test_a_short_name_is_taken_once_a_team(cast: Cast) -> None:
    create(cast, slug="rival-agent")
    with pytest.raises(Conflict) as refused:
        create(cast, slug="rival-agent")
    assert refused.value.code == "slug_taken"


def test_an_unknown_part_of_a_profile_is_a_mistake_in_the_program(cast: Cast) -> None:
    with pytest.raises(TypeError, match="lifecycle"):
        create(cast, lifecycle="live")


def start(cast: Cast, number: int, days_ago: int = 0, **given: Any) -> Agent:
    agent = create(cast, name=f"New {number}", running_since=None, **given)
    Agent.objects.filter(pk=agent.pk).update(created_at=timezone.now() - dt.timedelta(days=days_ago))
    return agent


@pytest.fixture
def established(cast: Cast) -> Cast:
    """The cast's own agent worked before Rollcall, so that it counts no more."""
    Agent.objects.filter(team=cast.team).update(running_since="2026-01-15")
    return cast


def warnings() -> list[bool]:
    return [event["onboarding_warning"] for event in events(verbs.AGENT_CREATED)]


def test_the_second_start_in_30_days_warns_and_the_third_is_blocked(established: Cast) -> None:
    start(established, 1, days_ago=29)
    start(established, 2)
    with pytest.raises(Refused) as refused:
        start(established, 3)
    assert refused.value.code == "onboarding_limit"
    assert warnings() == [False, True]


def test_the_fourth_start_in_60_days_is_blocked(established: Cast) -> None:
    for number, days in enumerate((59, 45, 31)):
        start(established, number, days_ago=days)
    with pytest.raises(Refused) as refused:
        start(established, 4)
    assert refused.value.code == "onboarding_limit"


def test_a_start_a_month_never_warns(established: Cast) -> None:
    for number, days in enumerate((61, 31)):
        start(established, number, days_ago=days)
    start(established, 3)
    assert warnings() == [False, False, False]


def test_an_agent_already_running_is_exempt(established: Cast) -> None:
    start(established, 1)
    start(established, 2)
    assert create(established, running_since="2026-01-15").running_since == dt.date(2026, 1, 15)


def test_the_chief_overrides_with_a_reason_and_nobody_else(established: Cast) -> None:
    start(established, 1)
    start(established, 2)
    for actor, reason in ((established.administrator, "We must."), (established.chief, "  ")):
        with pytest.raises(Refused):
            start(established, 3, actor=actor, override_reason=reason)
    start(established, 3, actor=established.chief, override_reason="The fair is in May.")
    assert events(verbs.AGENT_CREATED)[-1]["override_reason"] == "The fair is in May."


def test_an_edit_changes_what_is_given_and_tells_both_texts(cast: Cast) -> None:
    agent = edit_agent(cast.agent, actor=cast.owner, purpose="Refunds under 50 euro.", personality="")
    assert (agent.purpose, agent.version) == ("Refunds under 50 euro.", 2)
    [told] = events(verbs.AGENT_EDITED)
    assert told == {"before": {"purpose": ""}, "after": {"purpose": "Refunds under 50 euro."}}


def test_the_second_of_two_editors_overwrites_nothing(cast: Cast) -> None:
    edit_agent(cast.agent, actor=cast.owner, version=1, purpose="Hers.")
    with pytest.raises(Conflict) as refused:
        edit_agent(cast.agent, actor=cast.chief, version=1, purpose="His.")
    assert refused.value.code == "edited_meanwhile"
    assert Agent.objects.get(pk=cast.agent.pk).purpose == "Hers."


def test_an_edit_that_changes_nothing_says_nothing(cast: Cast) -> None:
    assert edit_agent(cast.agent, actor=cast.owner, name=cast.agent.name).version == 1
    assert events(verbs.AGENT_EDITED) == []


def test_an_edit_needs_the_right_to_configure(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        edit_agent(cast.agent, actor=cast.second, name="Mine")


def test_a_kpi_target_is_set_and_set_again(cast: Cast) -> None:
    set_kpi_target(cast.agent, "meetings", 6, "", "higher", actor=cast.owner)
    set_kpi_target(cast.agent, "meetings", "7.5", "", "higher", actor=cast.owner)
    assert [target.target for target in KpiTarget.objects.filter(agent=cast.agent)] == [Decimal("7.5")]
    assert [event["before"] for event in events(verbs.KPI_TARGET_SET)] == [None, "6.0000"]


@pytest.mark.parametrize(("key", "target", "better"), [("a b", "1", "higher"), ("a", "x", "higher"), ("a", "1", "up")])
def test_a_kpi_target_that_cannot_be_is_refused(cast: Cast, key: str, target: str, better: str) -> None:
    with pytest.raises(Invalid):
        set_kpi_target(cast.agent, key, target, "", better, actor=cast.owner)


def test_a_schedule_comes_and_goes(cast: Cast) -> None:
    schedule = add_schedule(cast.agent, actor=cast.owner, local_time="02:30", zone="Europe/Madrid", weekdays="12345")
    assert schedule.local_time == dt.time(2, 30)
    remove_schedule(schedule, actor=cast.owner)
    assert not Schedule.objects.exists()
    told = events(verbs.SCHEDULE_ADDED) + events(verbs.SCHEDULE_REMOVED)
    assert [event["local_time"] for event in told] == ["02:30:00", "02:30:00"]


@pytest.mark.parametrize("given", [{"zone": "Mars/Olympus"}, {"weekdays": "8"}, {"weekdays": "11"}, {"weekdays": ""}])
def test_a_schedule_that_cannot_be_is_refused(cast: Cast, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        add_schedule(cast.agent, actor=cast.owner, **{"local_time": "02:30", **given})
    assert list(refused.value.fields) == list(given)


def test_a_document_replaces_the_one_of_the_same_name(cast: Cast) -> None:
    add_knowledge(cast.agent, source="policy.md", text="# Old\n\nGone.\n\n# More\n\nGone too.", actor=cast.owner)
    add_knowledge(cast.agent, source="policy.md", text="# Refunds\n\nWithin 30 days.", actor=cast.owner)
    rows = KnowledgePassage.objects.filter(agent=cast.agent).values_list("source", "ordinal", "title", "text")
    assert list(rows) == [("policy.md", 1, "Refunds", "Within 30 days.")]
    remove_knowledge(cast.agent, source="policy.md", actor=cast.owner)
    assert not KnowledgePassage.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "x" * 1_000_001])
def test_a_document_that_is_no_text_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid):
        add_knowledge(cast.agent, source="policy.md", text=text, actor=cast.owner)

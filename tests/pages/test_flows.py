"""The flows of the library: the list, a flow's page, and a run of it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from agents.base.ids import uuid7
from agents.fleet.actions import Terms, grant_tool
from agents.fleet.enums import Tier
from agents.flows.actions import equip
from agents.flows.catalog import LIBRARY, recipe
from agents.flows.roles import ROLES, SCOUT, WRITER
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step
from tests.cast import Cast
from tests.pages.conftest import SignIn

PAGE = "/flows/"


@pytest.fixture
def desk(cast: Cast, settings: Settings) -> Cast:
    settings.MODEL_IS_REHEARSAL = False
    equip(cast.agent, actor=cast.owner, models={Tier.STANDARD: "gpt-5-mini"})
    return cast


def test_the_list_has_every_flow_with_its_pattern_in_a_fixed_number_of_queries(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = client.get(PAGE).content.decode()
    assert text.count('id="flow-') == len(LIBRARY)
    assert len([one for one in queries if "runs_run" in one["sql"] and "GROUP BY" in one["sql"]]) == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("handoff", ["swarm"]),
        ("pizarra", ["blackboard"]),
        ("pipeline", [one.slug for one in LIBRARY if one.graph.pattern == "prompt chaining"]),
    ],
)
def test_a_flow_is_found_by_any_of_its_names_in_the_reader_s_language(
    cast: Cast, sign_in: SignIn, words: str, found: list[str]
) -> None:
    cast.owner.language = "es"
    cast.owner.save()
    text = sign_in(cast.owner).get(PAGE, {"q": words}).content.decode()
    assert re.findall(r'id="flow-([\w-]+)"', text) == found


def test_a_search_without_a_hit_leads_back(cast: Cast, sign_in: SignIn) -> None:
    assert "No flow is called that" in sign_in(cast.owner).get(PAGE, {"q": "zzz"}).content.decode()


@pytest.mark.parametrize("slug", [one.slug for one in LIBRARY])
def test_each_flow_s_page_draws_it_and_offers_its_example(desk: Cast, sign_in: SignIn, slug: str) -> None:
    client = sign_in(desk.owner)
    if recipe(slug).tools:  # nothing is offered that could not work
        assert 'id="try-form"' not in client.get(f"{PAGE}{slug}/").content.decode()
        grant_tool(desk.agent, tool="get_order_details", terms=Terms(), actor=desk.owner)
    text = client.get(f"{PAGE}{slug}/").content.decode()
    assert "<svg" in text
    assert "What shows it in a run:" in text
    assert 'id="try-form"' in text


def test_a_flow_is_run_from_its_page_once_however_often_the_button_is_pressed(desk: Cast, sign_in: SignIn) -> None:
    client, key = sign_in(desk.owner), "018f0000-0000-7000-8000-000000000001"
    form = {"agent": "refund-agent", "input-tasks": "One\n\nTwo\n", "key": key}
    answers = [client.post(f"{PAGE}lead/", form) for _ in range(2)]
    run = Run.objects.get()
    assert [one.status_code for one in answers] == [302, 302]
    assert (run.input, run.pattern, run.queue) == ({"tasks": ["One", "Two"]}, "lead and cheaper subagents", "urgent")
    assert desk.agent.assignment.flow_version.flow.slug == "triage"


def test_what_is_known_of_a_person_is_typed_a_line_a_fact(desk: Cast, sign_in: SignIn) -> None:
    typed = {
        "input-text": "Follow up.",
        "input-contact": "name: Kim Lee\n\ncompany: Oak: Sons",
        "agent": "refund-agent",
    }
    key = "018f0000-0000-7000-8000-000000000001"
    assert sign_in(desk.owner).post(f"{PAGE}lead-letter/", {**typed, "key": key}).status_code == 302
    assert Run.objects.get().input == {"text": "Follow up.", "contact": {"name": "Kim Lee", "company": "Oak: Sons"}}


def test_nothing_typed_is_lost_where_the_form_is_refused(desk: Cast, sign_in: SignIn) -> None:
    form = {"agent": "nobody", "input-text": "Where is it?", "key": "018f0000-0000-7000-8000-000000000001"}
    answer = sign_in(desk.owner).post(f"{PAGE}chaining/", form)
    assert (answer.status_code, "Where is it?" in answer.content.decode()) == (422, True)


def test_who_has_no_agent_for_it_is_told_what_it_takes(cast: Cast, sign_in: SignIn) -> None:
    assert "No agent of yours can run it" in sign_in(cast.manager).get(f"{PAGE}gate/").content.decode()


def test_there_is_no_page_for_a_flow_that_is_not_shipped(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).get(f"{PAGE}magic/").status_code == 404


def test_a_flow_s_page_tells_how_each_version_and_node_fared(desk: Cast, sign_in: SignIn) -> None:
    version = desk.agent.assignment.flow_version
    run = Run.objects.create(agent=desk.agent, flow_version=version, state="done")
    Step.objects.create(
        run=run,
        key="classify/1",
        node="classify",
        kind="router",
        seq=1,
        latency_ms=840,
        tries=2,
        finished_at=timezone.now(),
        cost_micros=420,
    )
    rows = re.findall(r"<tr>.*?</tr>", sign_in(desk.owner).get(f"{PAGE}triage/").content.decode(), re.DOTALL)
    assert [one for one in rows if "Version 1" in one]
    node = next(one for one in rows if "840 ms" in one)
    assert re.findall(r'"num">([^<]*)<', node)[:5] == ["1", "840 ms", "840 ms", "840 ms", "1"]
    assert "840 ms" not in sign_in(desk.manager).get(f"{PAGE}triage/").content.decode()


def test_each_role_says_what_it_is_for_and_may_cost_and_leads_to_it_alone(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.owner).get("/flows/roles/").content.decode()
    assert text.count('id="role-') == len(ROLES)
    assert all(f'href="/flows/role-{role.slug}/"' in text and escape(role.purpose) in text for role in ROLES)


@pytest.mark.usefixtures("use_rehearsal")
def test_a_specialist_runs_alone_from_its_page(desk: Cast, settings: Settings, sign_in: SignIn) -> None:
    settings.MODEL_IS_REHEARSAL = True
    equip(desk.agent, actor=desk.owner)
    client = sign_in(desk.owner)
    assert all([node.name for node in recipe(f"role-{role.slug}").graph.nodes] == [role.slug] for role in ROLES)
    for role in (WRITER, SCOUT):
        given = {"agent": desk.agent.slug, "input-text": "My order 7731 arrived broken.", "key": uuid7()}
        assert client.post(f"/flows/role-{role.slug}/", given).status_code == 302
        run = Run.objects.get(flow_version__flow__slug=f"role-{role.slug}")
        drive(run.pk)
        assert list(run.steps.values_list("node", "state")) == [(role.slug, "confirmed")], role.slug
    assert "Version 1" in client.get("/flows/role-writer/").content.decode()


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"purpose": ""}, "purpose"),
        ({"schema": {}}, "schema"),
        ({"cost_micros": 0}, "cost_micros"),
        ({"latency_ms": 0}, "latency_ms"),
        ({"tools": ("a", "b", "c", "d")}, "justified"),
    ],
)
def test_a_role_that_lacks_something_is_part_of_no_flow(changes: dict[str, Any], lacks: str) -> None:
    with pytest.raises(ValueError, match=lacks):
        replace(WRITER, **changes)

"""The page of one agent: its buttons, its owners, and what belongs to it."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.actions import add_schedule, observe, set_kpi_target
from agents.fleet.enums import Lifecycle, Observed, OwnerRole
from agents.fleet.models import Agent, AgentOwner, Assignment, KnowledgePassage, KpiTarget, Model, Schedule
from agents.runs.enums import RunState
from tests.cast import Cast, make_agent, settle
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run

URL = "/agents/refund-agent/"
# Session, person, team, sidebar; agent, rights, appointer, seats, runs, exceptions, targets,
# schedules, zone of the night, documents, assignment, members to seat, trail.
QUERIES = 23


def roles(agent: Agent) -> dict[str, str]:
    return dict(AgentOwner.objects.filter(agent=agent).values_list("user__name", "role"))


@pytest.mark.parametrize("times", [1, 3])
def test_the_page_costs_the_same_however_much_happened(
    cast: Cast, sign_in: SignIn, times: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for hour in range(times):
        a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
        add_schedule(cast.agent, actor=cast.owner, local_time=dt.time(hour), zone="UTC")
    client = sign_in(cast.owner)
    with django_assert_num_queries(QUERIES):
        assert client.get(URL).status_code == 200


def test_the_state_is_shown_with_its_evidence_and_age(cast: Cast, sign_in: SignIn) -> None:
    observe(cast.agent, Observed.SILENT, {"last_output": "<i>23:10</i>"})
    page = sign_in(cast.owner).get(URL).content.decode()
    assert "st-silent" in page
    assert "<dt>last output</dt><dd>&lt;i&gt;23:10&lt;/i&gt;</dd>" in page


def test_what_we_observe_ourselves_is_said_in_words(cast: Cast, sign_in: SignIn) -> None:
    observe(cast.agent, Observed.WAITING_ON_HUMAN, {"running": 0, "waiting": 1, "silent": False, "last_run": "done"})
    set_kpi_target(cast.agent, "resolution-rate", Decimal(80), "%", "higher", actor=cast.owner)
    page = sign_in(cast.owner).get(URL).content.decode()
    assert "<dt>Last run</dt><dd>Done</dd>" in page
    assert "<dt>Silent</dt><dd>no</dd>" in page
    assert "<dt>Open exceptions</dt><dd>1</dd>" in page
    assert "Resolution rate" in page


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("owner", {"edit/", "pause/", "retire/", "owners/", "targets/", "schedules/", "knowledge/"}),
        ("second", {"pause/"}),
        ("backup", {"pause/"}),
        ("trainee", set()),
        ("auditor", set()),
        ("engineer", {"edit/", "targets/", "schedules/", "knowledge/"}),
    ],
)
def test_people_see_the_buttons_they_may_press(cast: Cast, sign_in: SignIn, who: str, buttons: set[str]) -> None:
    page = sign_in(getattr(cast, who)).get(URL).content.decode()
    every = {"edit/", "pause/", "retire/", "owners/", "targets/", "schedules/", "knowledge/", "resume/", "go-live/"}
    assert {each for each in every if f'"{URL}{each}"' in page} == buttons


def test_pausing_takes_a_reason_and_resuming_takes_it_back(cast: Cast, sign_in: SignIn) -> None:
    Agent.objects.update(live_since=timezone.now())
    client = sign_in(cast.second)
    assert client.post(f"{URL}pause/", {"reason": "Prices are wrong"}).status_code == 302
    cast.agent.refresh_from_db()
    assert (cast.agent.lifecycle, cast.agent.lifecycle_reason) == (Lifecycle.PAUSED, "Prices are wrong")
    assert "Prices are wrong" in client.get(URL).content.decode()
    client.post(f"{URL}resume/")
    cast.agent.refresh_from_db()
    assert cast.agent.lifecycle == Lifecycle.LIVE


def test_pausing_without_a_reason_comes_back_with_the_dialog_open(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.second).post(f"{URL}pause/", {"reason": " "})
    assert page.status_code == 422
    assert 'aria-labelledby="pause-title" data-open' in page.content.decode()


def test_a_trainee_who_presses_pause_all_the_same_is_refused(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.trainee).post(f"{URL}pause/", {"reason": "x"}).status_code == 403
    cast.agent.refresh_from_db()
    assert cast.agent.lifecycle == Lifecycle.LIVE


def test_an_agent_goes_live_with_two_owners_and_not_before(cast: Cast, sign_in: SignIn) -> None:
    agent = make_agent(cast.team, "fresh", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    client = sign_in(cast.owner)
    assert "Awaiting its second owner: reviewed, not live." in client.get("/agents/fresh/").content.decode()
    refused = client.post("/agents/fresh/go-live/")
    assert refused.status_code == 422
    assert "needs two active owners" in refused.content.decode()
    client.post("/agents/fresh/owners/", {"user": cast.second.pk, "role": "second"})
    assert client.post("/agents/fresh/go-live/").status_code == 302
    agent.refresh_from_db()
    assert agent.lifecycle == Lifecycle.LIVE


def test_a_live_agent_keeps_two_owners_and_the_page_says_why(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert client.post(f"{URL}owners/{cast.backup.pk}/remove/").status_code == 302
    page = client.post(f"{URL}owners/{cast.second.pk}/remove/")
    assert page.status_code == 422
    assert "A live agent needs two active owners; this would leave fewer: refund-agent." in page.content.decode()
    assert roles(cast.agent) == {"Amelia": "primary", "Dev": "second", "Tess": "trainee"}
    settle()


def test_seating_a_new_primary_makes_the_old_one_second(cast: Cast, sign_in: SignIn) -> None:
    sign_in(cast.chief).post(f"{URL}owners/", {"user": cast.manager.pk, "role": "primary"})
    assert roles(cast.agent) == {
        "Amelia": "second",
        "Dev": "second",
        "Bo": "backup",
        "Tess": "trainee",
        "Nora": "primary",
    }


@pytest.mark.parametrize("stranger", ["rival", "no such id", ""])
def test_an_owner_is_chosen_from_the_list(cast: Cast, sign_in: SignIn, stranger: str) -> None:
    given = str(cast.rival.pk) if stranger == "rival" else stranger
    page = sign_in(cast.owner).post(f"{URL}owners/", {"user": given, "role": "second"})
    assert page.status_code == 422
    assert len(roles(cast.agent)) == 4


def test_editing_saves_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    given = profile(cast.agent) | {"purpose": "Refunds", "value_per_outcome_micros": "12.50"}
    assert sign_in(cast.owner).post(f"{URL}edit/", given).status_code == 302
    cast.agent.refresh_from_db()
    assert (cast.agent.purpose, cast.agent.value_per_outcome_micros) == ("Refunds", 12_500_000)


def profile(agent: Agent) -> dict[str, str]:
    return {
        "name": agent.name,
        "vendor": agent.vendor,
        "function": agent.function,
        "language": agent.language,
        "currency": agent.currency,
        "version": str(agent.version),
    }


def test_two_people_who_edit_at_once_see_both_texts_and_nothing_is_overwritten(cast: Cast, sign_in: SignIn) -> None:
    client, read = sign_in(cast.owner), profile(cast.agent)
    client.post(f"{URL}edit/", read | {"purpose": "Theirs, first"})
    page = client.post(f"{URL}edit/", read | {"purpose": "Mine, later"})
    text = page.content.decode()
    assert page.status_code == 409
    assert "Theirs, first" in text
    assert "Mine, later" in text
    cast.agent.refresh_from_db()
    assert cast.agent.purpose == "Theirs, first"
    assert f'name="version" value="{cast.agent.version}"' in text


@pytest.mark.parametrize("amount", ["-1", "1e3", "12,50", "9" * 20])
def test_an_amount_that_is_none_is_422(cast: Cast, sign_in: SignIn, amount: str) -> None:
    page = sign_in(cast.owner).post(f"{URL}edit/", profile(cast.agent) | {"value_per_outcome_micros": amount})
    assert page.status_code == 422
    assert f'value="{amount}"' in page.content.decode()


def test_an_agent_of_ours_is_given_its_flow_on_its_page(cast: Cast, sign_in: SignIn, settings: Settings) -> None:
    settings.MODEL_IS_REHEARSAL = False
    Agent.objects.filter(pk=cast.agent.pk).update(currency="BRL")
    client = sign_in(cast.owner)
    caps = {"run_cap_micros": "0.25", "day_cap_micros": "5"}
    unnamed = client.post(f"{URL}flow/", caps)
    assert unnamed.status_code == 422
    assert "Name the model to call" in unnamed.content.decode()
    assert client.post(f"{URL}flow/", {**caps, "standard": "gpt-5-mini"}).status_code == 302
    assignment = Assignment.objects.get(agent=cast.agent)
    assert (assignment.run_cap_micros, assignment.day_cap_micros) == (250_000, 5_000_000)
    assert Model.objects.get(team=cast.team).name == "gpt-5-mini"
    page = client.get(URL).content.decode()
    assert "Start a run" in page
    assert page.count("$0.25 a run, $5.00 a day") == 2, "caps are dollars, whatever the agent’s outcomes are worth in"


def test_a_target_is_set_and_shown(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.post(f"{URL}targets/", {"key": "resolved", "target": "84.5", "unit": "%", "better": "higher"})
    assert KpiTarget.objects.get(agent=cast.agent).target == 84.5
    page = client.get(URL).content.decode()
    assert "≥ 84.5 %" in page
    assert "not measured yet" in page


@time_machine.travel("2026-03-28 12:00:00+00:00", tick=False)
def test_a_time_that_the_clock_change_skips_is_shown_as_the_instant_it_really_fires(
    cast: Cast, sign_in: SignIn
) -> None:
    given = {"local_time": "02:30", "weekdays": ["7"], "zone": "Europe/Madrid"}
    answer = sign_in(cast.owner).post(f"{URL}schedules/", given, follow=True)
    assert "Next: 2026-03-29 03:00 CEST." in answer.content.decode()
    assert Schedule.objects.get(agent=cast.agent).weekdays == "7"


def test_a_schedule_in_no_zone_we_know_is_422(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).post(f"{URL}schedules/", {"local_time": "02:30", "weekdays": ["7"], "zone": "Mars/Base"})
    assert page.status_code == 422
    assert not Schedule.objects.exists()


def test_a_document_is_taken_in_and_a_file_of_the_same_name_replaces_it(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    for text in ("# Old\nno", "\ufeff# Refunds\nWithin five days: añejo."):
        client.post(f"{URL}knowledge/", {"file": SimpleUploadedFile("policy.md", text.encode())})
    found = KnowledgePassage.objects.filter(agent=cast.agent)
    assert "Old" not in "".join(found.values_list("text", flat=True))
    assert "añejo" in "".join(found.values_list("text", flat=True))
    assert "policy.md" in client.get(URL).content.decode()


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"x" * 1_000_001])
def test_what_is_no_text_is_not_taken_in(cast: Cast, sign_in: SignIn, data: bytes) -> None:
    page = sign_in(cast.owner).post(f"{URL}knowledge/", {"file": SimpleUploadedFile("x.md", data)})
    assert page.status_code == 422
    assert not KnowledgePassage.objects.exists()


def test_htmx_gets_only_what_changes_by_itself(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.owner).get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "Recent runs" in text
    assert "<form" not in text

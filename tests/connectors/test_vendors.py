"""Each vendor's adapter against a stand-in that answers as its documentation says, failures included."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agents.connectors.contract import Adapter, VendorError, sha256
from agents.connectors.enums import Method, Problem, Rung, Way
from agents.connectors.ingest import take_runs
from agents.connectors.salesforce import literal, onwards
from agents.fleet.enums import Vendor
from agents.runs.enums import ExceptionKind, RunState
from agents.runs.models import Run, RunException
from tests.cast import Cast
from tests.connectors.connected import PLACES, connected, credential
from tests.rehearsal.fixtures import Rehearsal

pytestmark = pytest.mark.usefixtures("use_rehearsal")
PULLED = [vendor for vendor in PLACES if vendor != Vendor.WEBHOOK]
CONFIRMED = (Vendor.MONACO, Vendor.AGENTFORCE, Vendor.CLAUDE, Vendor.WEBHOOK)
TEXT = "Spring: 20 % off until 30 April, “no stacking”."


def night(vendor_agent: Adapter) -> list[dict[str, Any]]:
    return list(vendor_agent.pull(timezone.now() - dt.timedelta(days=3)))


@pytest.mark.parametrize("vendor", PULLED)
def test_a_night_comes_in_whole_and_twice_is_once(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    found = connected(cast.agent, vendor, rehearsal)
    documents = night(found)
    assert len(documents) > 4
    taken = take_runs(cast.agent, documents, source=f"sync:{vendor}")
    assert {each.status for each in taken} == {"created"}, [each.problem for each in taken if each.problem]
    again = take_runs(cast.agent, night(found), source=f"sync:{vendor}")
    assert {each.status for each in again} == {"duplicate"}
    assert Run.objects.filter(agent=cast.agent, source=f"sync:{vendor}").count() == len(documents)


@pytest.mark.parametrize("vendor", PLACES)
def test_a_connection_test_names_the_stand_in_that_answered(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    health = connected(cast.agent, vendor, rehearsal).health()
    assert health.rehearsal
    assert health.took_ms < 5000


@pytest.mark.parametrize("vendor", CONFIRMED)
def test_context_is_stored_when_it_reads_back_as_it_was_sent(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    found = connected(cast.agent, vendor, rehearsal)
    pushed = found.push_context(TEXT, version_id="v1", key="k1")
    assert (pushed.rung, pushed.sha256) == (Rung.STORED, sha256(TEXT))
    assert found.confirm("v1", TEXT) is not None
    assert found.confirm("v1", TEXT + "!") is None


@pytest.mark.parametrize("vendor", [Vendor.ARTISAN, Vendor.MOMENTUM, Vendor.QUALIFIED])
def test_context_that_no_interface_takes_is_copied_by_hand(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    pushed = connected(cast.agent, vendor, rehearsal).push_context(TEXT, version_id="v1", key="k1")
    assert pushed.rung == Rung.MANUAL_PENDING
    assert pushed.evidence["text"] == TEXT
    assert str(pushed.evidence["deep_link"]).startswith("https://")


def test_a_field_that_cannot_be_read_back_is_sent_and_no_more(cast: Cast, rehearsal: Rehearsal) -> None:
    found = connected(cast.agent, Vendor.QUALIFIED, rehearsal, context_domains="bluefin.example oakline.example")
    assert found.push_context(TEXT, version_id="v1", key="k1").rung == Rung.SENT


@pytest.mark.parametrize("vendor", [Vendor.AGENTFORCE, Vendor.CLAUDE, Vendor.WEBHOOK])
def test_an_agent_that_can_be_asked_answers_from_what_it_was_told(
    cast: Cast, rehearsal: Rehearsal, vendor: Vendor
) -> None:
    found = connected(cast.agent, vendor, rehearsal)
    found.push_context(TEXT, version_id="v1", key="k1")
    reply = found.ask("What discount do you offer in spring?", key="q1")
    assert reply is not None
    assert reply.text


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ({"kind": "429", "retry_after": 7}, Problem.RATE),
        ({"kind": "500"}, Problem.DOWN),
        ({"kind": "html"}, Problem.BAD_REPLY),
        ({"kind": "bad_json"}, Problem.BAD_REPLY),
        ({"kind": "error_body"}, Problem.BAD_REPLY),
    ],
)
@pytest.mark.parametrize("vendor", PULLED)
def test_every_failure_has_its_word(
    cast: Cast, rehearsal: Rehearsal, vendor: Vendor, script: dict[str, Any], problem: Problem
) -> None:
    found = connected(cast.agent, vendor, rehearsal)
    rehearsal.script([{**script, "for": PLACES[vendor].split("/")[0]}])
    with pytest.raises(VendorError) as failed:
        night(found)
    assert failed.value.kind == problem
    if problem == Problem.RATE:
        assert (failed.value.retry_after, failed.value.passes) == (7.0, True)


@pytest.mark.parametrize("vendor", PLACES)
def test_credentials_that_are_wrong_or_missing_are_said_to_be(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    found = connected(cast.agent, vendor, rehearsal, seed="wrong")
    assert found.connection is not None
    credential(found.connection, "signing_secret", "whsec_d3Jvbmc=")
    with pytest.raises(VendorError) as failed:
        found.health()
    assert failed.value.kind == Problem.AUTH


def test_a_private_address_is_never_called(cast: Cast, rehearsal: Rehearsal, settings: Any) -> None:
    settings.EGRESS_ALLOW = []
    with pytest.raises(VendorError) as failed:
        connected(cast.agent, Vendor.MONACO, rehearsal).health()
    assert failed.value.kind == Problem.SETUP


def test_an_approved_draft_of_monaco_goes_back_and_waits_no_more(cast: Cast, rehearsal: Rehearsal) -> None:
    found = connected(cast.agent, Vendor.MONACO, rehearsal, seed=draftful())
    take_runs(cast.agent, night(found), source="sync:monaco")
    asked = RunException.objects.filter(kind=ExceptionKind.APPROVAL).earliest("opened_at")
    assert asked.run is not None
    found.answer(asked.evidence["ask"], {"decision": "approve", "proposal": asked.proposal}, key="a1")
    take_runs(cast.agent, night(found), source="sync:monaco")
    asked.run.refresh_from_db()
    assert asked.run.state == RunState.DONE


def test_a_tool_call_of_claude_is_allowed_or_denied_where_it_waits(cast: Cast, rehearsal: Rehearsal) -> None:
    found = connected(cast.agent, Vendor.CLAUDE, rehearsal, seed=draftful())
    take_runs(cast.agent, night(found), source="sync:claude")
    asked = RunException.objects.filter(kind=ExceptionKind.APPROVAL).earliest("opened_at")
    assert (asked.proposal or {})["tool"] == "send_contract"
    found.answer(asked.evidence["ask"], {"decision": "reject", "note": "Not this one"}, key="a1")
    take_runs(cast.agent, night(found), source="sync:claude")
    assert asked.run is not None
    asked.run.refresh_from_db()
    assert asked.run.state == RunState.DONE


@pytest.mark.parametrize("vendor", [Vendor.MONACO, Vendor.WEBHOOK])
def test_who_can_be_paused_at_the_vendor_is(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    found = connected(cast.agent, vendor, rehearsal)
    found.pause(key="p1")
    found.resume(key="r1")
    assert found.capabilities[Method.PAUSE].way in (Way.LIVE, Way.WEBHOOK)


@pytest.mark.parametrize(
    "vendor", [Vendor.QUALIFIED, Vendor.MONACO, Vendor.MOMENTUM, Vendor.AGENTFORCE, Vendor.ARTISAN]
)
def test_figures_of_a_day_are_whole_numbers_with_their_sample(cast: Cast, rehearsal: Rehearsal, vendor: Vendor) -> None:
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    kpis = connected(cast.agent, vendor, rehearsal).pull_kpis(yesterday)
    assert kpis
    assert all(kpi.value == int(kpi.value) >= 0 and kpi.sample_size > 0 for kpi in kpis)


def test_live_is_said_to_be_untried_until_the_vendor_itself_has_answered(cast: Cast, rehearsal: Rehearsal) -> None:
    found = connected(cast.agent, Vendor.MONACO, rehearsal)
    assert found.connection is not None
    assert not found.capabilities[Method.PULL].tried
    found.connection.tested_at, found.connection.tested_rehearsal = timezone.now(), True
    assert not found.capabilities[Method.PULL].tried
    found.connection.tested_rehearsal = False
    assert found.capabilities[Method.PULL].tried


def draftful() -> str:
    """A seed whose last nights hold something a person must approve."""
    from agents.rehearsal.vendors.night import happenings

    now = timezone.now()
    seeds = (f"seed{n}" for n in range(100))
    return next(
        s for s in seeds if any(h.outcome == "escalated" for h in happenings(s, now - dt.timedelta(days=2), now))
    )


@pytest.mark.parametrize("elsewhere", ["https://evil.example/next", "//evil.example/next", 7, None])
def test_a_next_page_on_another_host_is_not_followed_with_our_token(elsewhere: object) -> None:
    with pytest.raises(VendorError) as failed:
        onwards(elsewhere)
    assert failed.value.kind == Problem.BAD_REPLY


@pytest.mark.parametrize("said", ["x' OR '1'='1", "\\", "'"])
def test_no_setting_becomes_a_query_of_its_own(said: str) -> None:
    inside = literal(said)[1:-1].replace("\\\\", "").replace("\\'", "")
    assert "'" not in inside
    assert "\\" not in inside

"""What a run is given to know: from its claim to the prompt, recorded by version."""

import hashlib

import pytest

from agents.fleet.enums import Vendor
from agents.runs.actions import start_run
from agents.runs.execution.claim import claim
from agents.runs.models import Run
from agents.runs.services import services_for
from campaigns.actions import begin_version, edit_draft, next_context
from campaigns.models import ContextUse
from campaigns.queries import context_of, not_confirmed
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in
from tests.pages.stage import equip

__all__ = ["sign_in"]


def claimed(cast: Cast) -> Run:
    run = start_run(cast.agent, actor=cast.owner, input={"text": "Where is it?", "customer": ""})
    taken = claim(run.pk)
    assert taken is not None
    return taken


def test_every_run_records_the_versions_it_was_given(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    ticket, dinner = a_draft(cast), a_draft(cast, "Dinner", offer="Dinner", price_micros=90_000_000)
    for version in (ticket, dinner):
        sent(version, [cast.agent], cast.owner)
    run = claimed(cast)
    assert set(ContextUse.objects.filter(run=run).values_list("version", flat=True)) == {ticket.pk, dinner.pk}
    assert run.context_sha256 == hashlib.sha256(run.context_text.encode()).hexdigest()
    assert "$429.00" in services_for(run).context_text
    assert "$90.00" in services_for(run).context_text
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    assert "Early-bird price v1" in page
    assert "Dinner v1" in page


def test_a_run_keeps_what_it_was_given_when_a_newer_version_comes(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    first = sent(a_draft(cast), [cast.agent], cast.owner)
    run = claimed(cast)
    draft = edit_draft(begin_version(first.campaign, actor=cast.owner), actor=cast.owner, price_micros=1_000_000)
    sent(draft, [cast.agent], cast.owner, "price")
    run.refresh_from_db()
    assert "$429.00" in run.context_text
    assert "$1.00" in next_context(cast.agent)
    assert context_of(cast.agent) == [draft]
    page = sign_in(cast.owner).get(f"/campaigns/{first.campaign_id}/").content.decode()
    assert "1 run began with another version" in page


def test_what_is_for_new_work_only_is_not_told_to_what_was_queued_before(cast: Cast) -> None:
    equip(cast.agent)
    before = start_run(cast.agent, actor=cast.owner, input={"text": "Where is it?", "customer": ""})
    sent(a_draft(cast, applies_to="new"), [cast.agent], cast.owner)
    taken = claim(before.pk)
    assert taken is not None
    assert taken.context_text == ""
    assert "$429.00" in claimed(cast).context_text


@pytest.mark.parametrize(("vendor", "told"), [(Vendor.OURS, 1), (Vendor.MANUAL, 0)])
def test_a_vendor_s_agent_knows_only_what_it_confirmed(cast: Cast, vendor: Vendor, told: int) -> None:
    [agent] = agents(cast, 1, vendor)
    sent(a_draft(cast), [agent], cast.owner)
    assert len(context_of(agent)) == told
    assert not_confirmed(cast.owner).count() == 1
    assert not not_confirmed(cast.manager).exists()

"""A webhook agent, a manual one and one of ours, side by side: one broadcast, their receipts, each one's next run."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.connectors.actions import complete_check_in, open_check_ins
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from agents.people.actions import create_token
from agents.runs.actions import start_run
from agents.runs.execution.claim import claim
from agents.runs.models import Output, Run
from campaigns.actions import confirm_manual, deliver, find_redos, next_context
from campaigns.enums import Rung
from campaigns.models import Broadcast, ContextUse, Redo
from tests.campaigns.stage import a_draft, agents, sent
from tests.campaigns.test_redoing import looked_until
from tests.cast import Cast, make_cast
from tests.connectors.connected import connect
from tests.pages.stage import equip
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("use_rehearsal")]
NEW, OLD = "The early-bird ticket costs $429.00.", "The early-bird ticket costs $399.00."


def rungs(found: Broadcast) -> dict[str, str]:
    return dict(found.deliveries.values_list("agent__vendor", "state"))


def reported(cast: Cast, agent: Agent, text: str) -> Run:
    """The agent's system tells of its next run by API."""
    token = create_token(cast.team, cast.owner, name="robot", scopes=["runs:write"], days=1, actor=cast.owner)[1]
    end = timezone.now().isoformat()
    body: dict[str, Any] = {"agent": agent.slug, "external_id": text, "status": "done", "finished_at": end}
    body["outputs"] = [{"kind": "message", "content": text}]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    answer = client.post("/api/v1/runs", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return Run.objects.get(agent=agent, external_id=text)


def test_each_has_its_receipt_and_works_by_it_from_its_next_run_on(
    transactional_db: None, rehearsal: Rehearsal
) -> None:
    rehearsal.reset()
    cast = make_cast()
    ours = cast.agent
    equip(ours)
    [hooked], [manual] = agents(cast, 1, Vendor.WEBHOOK), agents(cast, 1, Vendor.MANUAL)
    connect(hooked, Vendor.WEBHOOK, rehearsal)
    looked_until(timezone.now() - dt.timedelta(hours=1))
    found = sent(a_draft(cast), [ours, hooked, manual], cast.owner)
    deliver()
    assert rungs(found) == {"ours": Rung.STORED, "webhook": Rung.STORED, "manual": Rung.MANUAL_PENDING}
    assert next_context(manual) == "", "nobody has told it yet"
    pasted = found.deliveries.get(agent=manual)
    confirm_manual(pasted, actor=cast.owner, evidence="Pasted into its page", minutes=2)
    assert rungs(found)["manual"] == Rung.MANUAL_DONE
    assert all("$429.00" in next_context(agent) for agent in (ours, hooked, manual))

    taken = claim(start_run(ours, actor=cast.owner, input={"text": "How much?", "customer": ""}).pk)
    assert taken is not None
    assert "$429.00" in taken.context_text
    assert ContextUse.objects.get(run=taken).version == found.version
    right, wrong = reported(cast, hooked, NEW), reported(cast, hooked, OLD)
    [asked] = open_check_ins()
    complete_check_in(asked, actor=cast.owner, evidence=OLD, minutes=2, key="k")
    seen = Run.objects.get(agent=manual)
    Output.objects.update(created_at=timezone.now() - dt.timedelta(seconds=8))  # looked at a little later
    find_redos()
    assert set(Redo.objects.values_list("run", flat=True)) == {wrong.pk, seen.pk}, "who still says the old price"
    assert right.pk not in Redo.objects.values_list("run", flat=True)

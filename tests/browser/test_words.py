"""The pages people live in, in Spanish and Portuguese: nothing is wider than a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from agents.fleet.models import FlowVersion
from agents.flows.triage.graph import graph
from agents.flows.triage.prompts import SETTINGS
from agents.flows.triage.shapes import ANSWER
from agents.runs.models import RunException
from campaigns.models import Campaign
from tests.browser.conftest import Visit, too_wide
from tests.browser.test_morning import a_morning
from tests.cast import Cast
from tests.pages.stage import a_question

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
BRIEFING = """**What the customer wants.** refund — “My parcel has not come.”

**What was tried.** sorted the message; looked it up (Refunds)

**Why the agent did not finish.** It was not sure enough (confidence 0.31).

**Suggested.** Answer from your own knowledge, or close it when nothing can be said."""


def a_triage(cast: Cast) -> RunException:
    """The morning, with a question of triage."""
    run = a_morning(cast)
    assert run.flow_version_id
    FlowVersion.objects.filter(pk=run.flow_version_id).update(graph=graph(SETTINGS).describe())
    run.steps.filter(node="classify").update(reason="start; intent refund, confidence 0.31, mood upset")
    return a_question(cast.agent, run, title="The customer: My parcel has not come.", detail=BRIEFING, schema=ANSWER)


def places(asked: RunException) -> dict[str, str]:
    return {
        "today": "/",
        "queue": "/queue/",
        "item": f"/queue/{asked.item.pk}/",
        "one-on-one": f"/agents/{asked.agent.slug}/one-on-one/",
        "agents": "/agents/",
        "agent": f"/agents/{asked.agent.slug}/",
        "run": f"/runs/{asked.run_id}/",
        "runs": "/runs/",
        "exceptions": "/exceptions/",
        "campaigns": "/campaigns/",
        "campaign": f"/campaigns/{Campaign.objects.get().pk}/",
        "settings": "/settings/",
    }


@pytest.mark.parametrize("language", ["es", "pt-br"])
def test_the_morning_fits_in_every_language(cast: Cast, visit: Visit, shoot: Shoot, size: str, language: str) -> None:
    cast.owner.language = language
    cast.owner.save()
    asked = a_triage(cast)
    page = visit(cast.owner)
    for name, path in places(asked).items():
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, name
        shoot(page, f"{language}-{name}")
        assert too_wide(page) <= 0, f"{name} is too wide in {language}"

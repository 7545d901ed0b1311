"""Pages as axe-core reads them: nothing serious where people decide, at a desk and on a phone, light and dark."""

import pytest
from django.conf import settings
from playwright.sync_api import Page

from agents.runs.enums import ExceptionState
from agents.runs.models import DailyReview, ReviewItem
from tests.browser.conftest import Demo, Visit, looks

pytestmark = pytest.mark.browser
AXE = settings.NODE_MODULES / "axe-core" / "axe.min.js"
SERIOUS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" ")}`);
}"""


@pytest.mark.timeout(600)
def test_nothing_serious_is_found_where_people_decide(demo: Demo, visit: Visit) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: make test brings it.")
    page = visit(demo("manager"))
    assert {path: found for path in _paths() if (found := _serious(page, path))} == {}


def _paths() -> list[str]:
    """The pages of the morning, and one of everything that is opened from them."""
    waiting = ReviewItem.objects.filter(exception__state=ExceptionState.OPEN)
    asked, handed = (
        waiting.filter(exception__kind="approval").first(),
        waiting.exclude(exception__kind="approval").first(),
    )
    review = DailyReview.objects.filter(decision=None).first()
    assert asked
    assert handed
    assert review
    return [
        "/",
        "/queue/",
        f"/queue/{asked.pk}/",
        f"/queue/{handed.pk}/",
        f"/queue/reviews/{review.pk}/",
        f"/queue/bulk/?item={asked.pk}:",
        "/queue/views/",
        "/queue/rules/",
        "/queue/manual/",
        "/exceptions/",
        f"/exceptions/{asked.exception_id}/",
        "/exceptions/escalation/",
        "/owners/hours/",
        "/exceptions/incidents/",
        "/exceptions/runbooks/",
        "/exceptions/bypasses/",
        "/agents/support-desk/one-on-one/",
        "/agents/support-desk/memory/",
        "/kpis/",
        "/kpis/goals/",
        "/kpis/thresholds/",
        "/kpis/minutes/",
        "/settings/ranking/",
        "/settings/models/",
    ]


def _serious(page: Page, path: str) -> list[str]:
    """What is found on one page in both looks."""
    response = page.goto(path)
    assert response is not None
    assert response.status == 200, path
    page.evaluate(AXE.read_text())
    return sorted({each for _ in looks(page) for each in page.evaluate(SERIOUS)})

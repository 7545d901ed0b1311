"""The flows of the library as people see them: found, looked at, run, and the run that came of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agents.runs.execution.drive import drive
from agents.runs.models import Run
from tests.browser.conftest import Visit, too_wide
from tests.cast import Cast, make_cast
from tests.flows.library import bench_of
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("use_rehearsal")]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_a_flow_is_found_looked_at_and_run(
    cast: Cast, rehearsal: Rehearsal, visit: Visit, shoot: Callable[[Page, str], None], size: str
) -> None:
    bench_of(cast, rehearsal)
    page = visit(cast.owner, "/flows/")
    shoot(page, "flows")
    assert too_wide(page) <= 0
    page.get_by_role("searchbox").fill("peer to peer")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Equals who ask each other").click()
    shoot(page, "flow")
    assert too_wide(page) <= 0
    page.get_by_label("Agent").select_option("refund agent")
    page.get_by_label("Why this and nothing lighter").fill("Each knows what no lead can route to.")
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_role("heading", name="Equals who ask each other")).to_be_visible()
    drive(Run.objects.get().pk)
    page.reload()
    expect(page.get_by_text("Saved by working at once")).to_be_visible()
    shoot(page, "flow-run")
    assert too_wide(page) <= 0

"""Every page opens without a word on the browser's console, wide and narrow, and leaves a picture to look at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agents.fleet.models import KpiTarget
from tests.browser.conftest import Demo, Visit, looks, too_wide
from tests.cast import Cast
from tests.pages.stage import a_run

pytestmark = pytest.mark.browser

PAGES = {
    "today": "/",
    "queue": "/queue/",
    "manual-round": "/queue/manual/",
    "kpis": "/kpis/?days=7",
    "kpi-minutes": "/kpis/minutes/",
    "kpi-costs": "/kpis/costs/",
    "kpi-goals": "/kpis/goals/",
    "kpi-thresholds": "/kpis/thresholds/",
    "absences": "/owners/away/",
    "hours": "/owners/hours/",
    "kpi-report": "/kpis/report/?days=7",
    "one-on-one": "/agents/support-desk/one-on-one/",
    "agents": "/agents/",
    "agent": "/agents/support-desk/",
    "new-agent": "/agents/new/",
    "import": "/agents/import/",
    "edit": "/agents/support-desk/edit/",
    "freezes": "/agents/freeze/",
    "tools": "/agents/support-desk/tools/",
    "memory": "/agents/support-desk/memory/",
    "owners": "/owners/",
    "people": "/people/",
    "settings": "/settings/",
    "ranking": "/settings/ranking/",
    "policy": "/settings/policy/",
    "models": "/settings/models/",
    "segments": "/segments/",
    "segments-change": "/segments/change/",
    "setup": "/setup/",
    "flows": "/flows/",
    "flow": "/flows/mesh/",
    "tool-grants": "/agents/tools/",
    "proposals": "/agents/proposals/",
    "roles": "/flows/roles/",
    "flow-terms": "/flows/mesh/terms/",
    "flow-new": "/flows/new/",
    "flow-assign": "/flows/mesh/assign/",
    "mfa": "/accounts/2fa/",
    "mfa-totp": "/accounts/2fa/totp/activate/",
    "password": "/accounts/password/change/",
}
Shoot = Callable[[Page, str], None]


def test_every_page_is_quiet_and_fits(demo: Demo, visit: Visit, shoot: Shoot) -> None:
    page = visit(demo("chief"))
    for name, path in PAGES.items():
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, name
        for size in looks(page):
            overflow = too_wide(page)
            assert overflow <= 0, f"{name} is {overflow} px too wide: {size}"
            shoot(page, name)
    page.set_viewport_size({"width": 1024, "height": 768})
    for name in ("today", "people"):
        page.goto(PAGES[name])
        assert too_wide(page) <= 0, f"{name} is cut off on a tablet"


def test_a_target_missed_far_to_the_right_of_a_table_makes_the_page_no_wider(cast: Cast, visit: Visit) -> None:
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=0, better="lower")
    a_run(cast.agent, cost_micros=9_000_000)
    page = visit(cast.owner, "/kpis/?days=7")
    for size in looks(page):
        assert too_wide(page) <= 0, size


def test_what_is_not_there_says_so_in_the_shell(cast: Cast, visit: Visit, console: list[str], shoot: Shoot) -> None:
    page = visit(cast.owner, "/agents/nobody/")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    shoot(page, "not-found")
    console.clear()

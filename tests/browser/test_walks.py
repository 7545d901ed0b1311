"""What people do, as they do it: with a mouse on a desk, with a thumb on a phone, and with the keyboard."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent
from agents.people.models import Membership, Team
from tests.browser.conftest import Visit, keys, new_context
from tests.cast import PASSWORD, Cast, make_agent

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
CSV = "name,vendor,owners,running_since\nAva,Artisan,{0};{1},2026-01-31\nPiper,Qualified,{0},2026-01-31\n"


def refused(console: list[str], status: int) -> None:
    """Chromium reports every 4xx; take away the ones this step provoked, and only those."""
    told = [line for line in console if f"status of {status}" in line]
    assert told, console
    for line in told:
        console.remove(line)


def test_an_agent_is_created_seated_taken_live_and_keeps_two_owners(
    visit: Visit, cast: Cast, size: str, console: list[str], shoot: Shoot
) -> None:
    page = visit(cast.owner, "/agents/")
    page.get_by_role("link", name="New agent").click()
    page.get_by_label("Name", exact=True).fill("Night clerk")
    page.get_by_label("Vendor", exact=True).select_option("ours")
    page.get_by_label("Function").select_option("support")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Awaiting its second owner: reviewed, not live.")).to_be_visible()
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_text("A live agent needs two active owners")).to_be_visible()
    refused(console, 422)
    page.goto("/agents/night-clerk/")
    page.get_by_label("Person").select_option(label="Dev")
    page.get_by_role("button", name="Seat", exact=True).click()
    expect(page.get_by_role("button", name="Remove…")).to_have_count(2)
    page.get_by_role("button", name="Go live").click()
    expect(page.locator(".st-live")).to_contain_text("Live")
    page.locator("#owners .card2", has_text="Dev").get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog", name="Remove Dev").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert")).to_contain_text("A live agent needs two active owners")
    shoot(page, "two-owners-refused")
    refused(console, 422)
    assert Agent.objects.get(slug="night-clerk").owners.count() == 2


def test_pausing_asks_why_first(visit: Visit, cast: Cast, size: str, shoot: Shoot) -> None:
    page = visit(cast.owner, "/agents/refund-agent/")
    page.get_by_role("button", name="Pause…").click()
    shoot(page, "pause-dialog")
    page.get_by_role("textbox", name="Why").fill("Prices are wrong")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".st-paused")).to_be_visible()
    expect(page.get_by_text("Prices are wrong")).to_be_visible()


def test_the_first_person_sets_up_invites_and_imports(
    visit: Visit, settings: Settings, tmp_path: Path, console: list[str], size: str, shoot: Shoot
) -> None:
    settings.SETUP_CODE = "printed-code"
    page = visit(None)
    shoot(page, "first-use")
    assert page.get_by_label("Time zone").input_value() == "Europe/Madrid"
    for label, text in {"Set-up code": "printed-code", "Company": "Acme", "Your name": "Ada Holm"}.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Your e-mail address").fill("ada@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Setting up Acme")).to_be_visible()
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("E-mail address").fill("dev@acme.example")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Invitation link").input_value()
    shoot(page, "invitation")
    join(page, link)
    file = tmp_path / "agents.csv"
    file.write_text(CSV.format("ada@acme.example", "dev@acme.example"))
    page.goto("/agents/import/")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(
        CSV.format("ada@acme.example", "nobody@acme.example") + "Zed,Skynet,ada@acme.example,,,2099-01-01\n"
    )
    page.get_by_label("CSV file").set_input_files(wrong)
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("[role=alert] + .number")).to_be_visible()
    shoot(page, "import-refused")
    refused(console, 422)
    page.get_by_role("link", name="Another file").click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show me").click()
    shoot(page, "import-preview")
    page.get_by_role("button", name="Take in 2 agents").click()
    expect(page.locator("tr[data-row]")).to_have_count(2)
    shoot(page, "fleet-in-onboarding")
    page.goto("/setup/")
    expect(page.get_by_text("1 agent awaits its second owner: reviewed, not live")).to_be_visible()
    shoot(page, "checklist")
    assert Membership.objects.filter(team=Team.objects.get()).count() == 2


def join(page: Page, link: str) -> None:
    """The colleague opens the link in a browser of their own."""
    browser = page.context.browser
    assert browser is not None
    other = new_context(browser)
    theirs = other.new_page()
    theirs.goto(link)
    theirs.get_by_label("Your name").fill("Dev Patel")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_label("Your time zone").fill("Europe/Lisbon")
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Dev Patel")
    other.close()


def test_what_was_typed_survives_a_lost_session(visit: Visit, cast: Cast) -> None:
    page = visit(cast.owner, "/agents/refund-agent/edit/")
    page.get_by_label("Purpose").fill("Half a page of careful words")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Email").fill(cast.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Purpose")).to_have_value("Half a page of careful words")
    expect(page.get_by_text("What you had typed is back in the form.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("refund agent")
    page.goto("/agents/refund-agent/edit/")
    expect(page.get_by_text("What you had typed is back in the form.")).to_have_count(0)


def test_the_keyboard_goes_moves_opens_searches_and_explains_itself(visit: Visit, cast: Cast, shoot: Shoot) -> None:
    make_agent(cast.team, "another", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    page = visit(cast.owner)
    keys(page, "g", "a")
    expect(page.get_by_role("heading", name="Agents", level=1)).to_be_visible()
    keys(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    shoot(page, "keys")
    keys(page, "Escape", "/")
    page.keyboard.type("jgk")
    assert page.get_by_role("searchbox").input_value() == "jgk"
    page.get_by_role("searchbox").blur()
    keys(page, "j", "j")
    expect(page.locator("tr.sel")).to_have_attribute("id", "agent-refund-agent")
    keys(page, "k", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("another")


def test_the_theme_is_chosen_and_kept(visit: Visit, cast: Cast) -> None:
    page = visit(cast.owner)
    with closing(page.context):  # the theme stays with it
        theme = page.locator("html")
        expect(theme).to_have_attribute("data-bs-theme", "light")
        page.get_by_role("button", name="Light or dark").first.click()
        expect(theme).to_have_attribute("data-bs-theme", "dark")
        page.reload()
        expect(theme).to_have_attribute("data-bs-theme", "dark")


def test_a_region_reads_itself_again_and_keeps_the_chosen_row(visit: Visit, cast: Cast) -> None:
    page = visit(cast.owner, "/agents/")
    keys(page, "j")
    Agent.objects.filter(pk=cast.agent.pk).update(name="Renamed meanwhile")
    page.evaluate("htmx.trigger('#fleet', 'sse:live')")
    expect(page.get_by_text("Renamed meanwhile")).to_be_visible()
    expect(page.locator("tr.sel")).to_have_count(1)


def test_a_region_that_reads_itself_again_gives_the_focus_back(visit: Visit, cast: Cast) -> None:
    page = visit(cast.owner, "/agents/")
    page.get_by_role("link", name="refund agent").focus()
    Agent.objects.filter(pk=cast.agent.pk).update(name="Renamed meanwhile")
    page.evaluate("htmx.trigger('#fleet', 'sse:live')")
    expect(page.get_by_role("link", name="Renamed meanwhile")).to_be_focused()


def test_a_filter_waits_for_its_button_when_it_is_chosen_with_the_keyboard(visit: Visit, cast: Cast) -> None:
    page = visit(cast.owner, "/runs/")
    keys(page, "/")
    page.get_by_label("State").focus()
    keys(page, "ArrowDown", "ArrowDown")
    chosen = page.get_by_label("State").input_value()
    assert page.url.endswith("/runs/")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(f"**/runs/?*state={chosen}*")


def test_a_lost_session_in_a_region_leaves_for_the_sign_in_page(visit: Visit, cast: Cast, console: list[str]) -> None:
    page = visit(cast.owner, "/agents/")
    page.context.clear_cookies()
    page.evaluate("htmx.trigger('#fleet', 'sse:live')")
    page.wait_for_url("**/accounts/login/?next=/agents/")
    refused(console, 401)
    console.clear()


def test_on_a_phone_every_page_is_behind_more(visit: Visit, cast: Cast) -> None:
    page = visit(cast.owner)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="More").click()
    page.locator("#everything").get_by_role("link", name="Owners").click()
    expect(page.get_by_role("heading", name="Owners", level=1)).to_be_visible()

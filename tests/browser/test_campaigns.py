"""A campaign from its name to its receipts and its recall, at a desk and on a phone: ours, by webhook and by hand."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agents.fleet.enums import OwnerRole, Vendor
from agents.runs.models import Run
from campaigns.actions import deliver, edit_draft, find_redos, give_context
from campaigns.enums import Rung
from campaigns.models import ContextUse, Delivery
from tests.browser.conftest import Visit, too_wide
from tests.campaigns.stage import a_draft, agents, done, sent
from tests.campaigns.wrong import RIGHT, SEEDED, told_of_dinners
from tests.cast import PASSWORD, Cast, make_agent, make_cast
from tests.connectors.connected import connect
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("use_rehearsal")]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def cast(live_server: object) -> Cast:
    return make_cast()


def a_fleet(cast: Cast, rehearsal: Rehearsal) -> None:
    """One more of ours, one by webhook, one by hand, and one of other owners."""
    for vendor in (Vendor.OURS, Vendor.WEBHOOK, Vendor.MANUAL):
        for agent in agents(cast, 1, vendor):
            if vendor == Vendor.WEBHOOK:
                connect(agent, vendor, rehearsal)
    make_agent(cast.team, "theirs", (cast.manager, OwnerRole.PRIMARY), (cast.chief, OwnerRole.SECOND))


def test_a_price_change_goes_from_the_form_to_every_receipt_and_back(
    cast: Cast, visit: Visit, shoot: Shoot, size: str, rehearsal: Rehearsal
) -> None:
    a_fleet(cast, rehearsal)
    before = sent(a_draft(cast), list(cast.team.agents.exclude(slug="theirs")), cast.owner)
    deliver()
    begun = Run.objects.create(agent=cast.agent)
    give_context(begun)
    page = visit(cast.owner, "/campaigns/")
    page.get_by_role("link", name="Early-bird price").click()
    page.get_by_role("button", name="Begin a new version").click()
    page.get_by_label("Price").fill("399.00")
    page.get_by_label("Price").blur()
    expect(page.locator("#preview ins").first).to_contain_text("$399.00")
    assert too_wide(page) <= 0
    shoot(page, "campaign-draft")
    page.get_by_role("button", name="Save draft").first.click()
    page.get_by_role("link", name="Broadcast…").click()
    page.get_by_label("The price changes from $429.00 to $399.00.").check()
    assert too_wide(page) <= 0
    shoot(page, "campaign-broadcast")
    page.get_by_role("button", name="Broadcast now").click()
    second = visit(cast.second, "/campaigns/")
    second.get_by_role("link", name="Early-bird price v2").click()
    second.get_by_role("button", name="Approve it as it stands").click()
    expect(second.get_by_text("Approved: it may be broadcast now.")).to_be_visible()
    shoot(second, "campaign-approved")
    page = visit(cast.owner, f"/campaigns/{before.campaign_id}/")
    page.get_by_role("link", name="Broadcast…").click()
    page.get_by_role("button", name="Broadcast now").click()
    expect(page.get_by_text("Broadcast to 4 agents.")).to_be_visible()
    deliver()
    page.reload()
    expect(page.locator("#deliveries .rung-stored").first).to_be_visible()
    row = page.locator("tr", has=page.get_by_role("link", name="manual 0")).first
    if not row.locator("textarea").is_visible():
        row.get_by_text("Paste by hand").click()
    shoot(page, "campaign-receipts")
    assert too_wide(page) <= 0
    row.get_by_label("Where you pasted it, or what you saw there").fill("Campaign → Custom fields")
    row.get_by_role("button", name="It is there").click()
    expect(page.get_by_text("manual 0 has it: confirmed by hand.")).to_be_visible()
    states = Delivery.objects.exclude(broadcast=before).values_list("agent__slug", "state")
    stored = dict.fromkeys(["refund-agent", "ours-0", "webhook-0"], Rung.STORED)
    assert dict(states) == {**stored, "manual-0": Rung.MANUAL_DONE}
    run = Run.objects.create(agent=cast.agent)
    assert "$399.00" in give_context(run)[0]
    assert ContextUse.objects.get(run=run).version.number == 2
    page.goto("/campaigns/")
    assert too_wide(page) <= 0
    shoot(page, "campaigns")
    page.goto("/agents/manual-0/context/")
    expect(page.get_by_text("$399.00")).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "agent-context")
    done(begun, "The early-bird ticket is $429.")
    find_redos()
    _recalls(page, f"/campaigns/{before.campaign_id}/", shoot)
    assert "$429.00" in give_context(Run.objects.create(agent=cast.agent))[0]


def _recalls(page: Page, campaign: str, shoot: Shoot) -> None:
    """Sees what was made on the old price, and takes the new one back everywhere."""
    page.goto(campaign)
    expect(page.locator("#redos tbody tr")).to_have_count(1)
    expect(page.locator("#redos")).to_contain_text("v1")
    page.locator("#redos").scroll_into_view_if_needed()
    shoot(page, "campaign-redos")
    page.get_by_role("button", name="Recall…").click()
    page.get_by_role("textbox", name="Why").fill("The price was approved for July only.")
    shoot(page, "campaign-recall")
    page.get_by_role("dialog").get_by_role("button", name="Recall", exact=True).click()
    expect(page.get_by_text("Broadcast 3: recall of 2")).to_be_visible()
    deliver()
    page.reload()
    expect(page.locator("#deliveries .rung-manual_pending").first).to_be_visible()
    expect(page.locator("#redos")).to_have_count(0)
    assert too_wide(page) <= 0
    shoot(page, "campaign-recalled")


def test_what_was_typed_when_the_session_was_lost_is_back_and_overwrites_nobody(
    cast: Cast, visit: Visit, console: list[str]
) -> None:
    draft = a_draft(cast)
    page = visit(cast.owner, f"/campaigns/{draft.campaign_id}/")
    page.get_by_label("Brief").fill("Half a page of careful words")
    page.context.clear_cookies(name="sessionid")
    edit_draft(draft, actor=cast.second, audience="Members")
    page.keyboard.press("Tab")  # it is saved by itself then, unless the page's own question was refused before
    page.get_by_label("Email").fill(cast.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you had typed is back in the form.")).to_be_visible()
    expect(page.get_by_label("Brief")).to_have_value("Half a page of careful words")
    page.get_by_role("button", name="Save draft").first.click()
    expect(page.locator("#conflict")).to_contain_text("Members")
    page.get_by_role("button", name="Save draft").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    draft.refresh_from_db()
    assert (draft.brief, draft.audience) == ("Half a page of careful words", "")
    assert {line.split("status of ")[1][:3] for line in console} == {"401", "409"}
    console.clear()


def test_a_version_is_said_in_another_language_and_its_agents_hear_it(
    cast: Cast, visit: Visit, shoot: Shoot, size: str
) -> None:
    cast.agent.language = "es"
    cast.agent.save(update_fields=["language"])
    draft = a_draft(cast, languages=["en"])
    page = visit(cast.owner, f"/campaigns/{draft.campaign_id}/")
    expect(page.get_by_text("Not written in the language of refund agent.")).to_be_visible()
    page.get_by_role("link", name="In Spanish").click()
    for label, words in (("Offer", "Entrada anticipada"), ("Say", "Grupos desde 5."), ("Never say", "el más barato")):
        page.get_by_label(label, exact=True).fill(words)
    assert too_wide(page) <= 0
    shoot(page, "wording")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#preview")).to_contain_text("3 of 3 texts")
    expect(page.locator("#preview")).to_contain_text("Oferta: Entrada anticipada")
    expect(page.get_by_text("Not written in the language of refund agent.")).to_have_count(0)


def test_a_broadcast_is_stopped_by_each_validation_and_each_says_why(
    cast: Cast, visit: Visit, shoot: Shoot, rehearsal: Rehearsal, console: list[str]
) -> None:
    told_of_dinners(cast)
    kinds = ("price", "date", "weekday", "currency", "link", "term", "contradiction")
    wrong = [next(each for each in SEEDED if each.kind == kind) for kind in kinds]
    given = RIGHT | {name: each.given(rehearsal.url)[name] for each in wrong for name in each.facts}
    given["say"] = [line for each in wrong for line in each.facts.get("say", [])]
    draft, before, page = a_draft(cast, **given), Delivery.objects.count(), visit(cast.owner)
    page.goto(f"/campaigns/{draft.campaign_id}/broadcast/")
    page.get_by_role("button", name="Broadcast now").click()
    expect(page.locator("#broadcast [role=alert]")).to_be_visible()
    said = page.locator("#broadcast").inner_text()
    assert [each.name for each in wrong if each.why not in said] == []
    shoot(page, "campaign-stopped")
    assert Delivery.objects.count() == before
    console[:] = [line for line in console if "422" not in line]

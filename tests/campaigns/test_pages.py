"""The pages of campaigns: facts beside previews, one submission, receipts by hand, recall."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet.enums import OwnerRole, Vendor
from campaigns.actions import begin_version, confirm_manual, take_receipt
from campaigns.enums import Rung, VersionState
from campaigns.models import BroadcastRequest, Campaign, ContextVersion, Delivery, DraftEditor, Exclusion
from console.pages.campaigns import sendings
from tests.campaigns.stage import a_draft, agents, approved, sent, signed
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in"]
LIST_QUERIES = 10
LIVE_QUERIES = 16
FACTS = {
    "offer": "Early-bird ticket",
    "price_micros": "429.00",
    "currency": "USD",
    "valid_to": "2099-11-30T23:59",
    "zone": "America/New_York",
    "say": "Group rate from five seats.\nPrice rises on 1 December.",
    "applies_to": "in_flight",
    "revision": "1",
}


def queries_of(client: Client, path: str) -> int:
    client.get(path)  # content types are looked up once a process
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 200
    return len(caught)


def test_a_campaign_is_begun_written_previewed_and_broadcast(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.post("/campaigns/new/", {"name": "Early-bird price"})
    campaign = Campaign.objects.get()
    path = f"/campaigns/{campaign.pk}/"
    preview = client.post(f"{path}preview/", FACTS, headers={"HX-Request": "true"}).content.decode()
    assert "$429.00" in preview
    assert "expects stored" in preview
    assert 'value="2" id="id_revision"' in preview
    assert ContextVersion.objects.get().offer == "Early-bird ticket"
    assert client.post(path, {**FACTS, "revision": "2"}).status_code == 302
    version = ContextVersion.objects.get()
    assert (version.price_micros, version.say[1]) == (429_000_000, "Price rises on 1 December.")
    assert version.valid_to is not None
    assert version.valid_to.isoformat() == "2099-12-01T04:59:00+00:00"
    page = client.get(f"{path}broadcast/").content.decode()
    assert "Told at once" in page
    given = {"agents": [str(cast.agent.pk)], "key": str(uuid7()), "signed": ["far:valid_to"]}
    asked = client.post(f"{path}broadcast/", given, follow=True).content.decode()
    assert "A second person has to approve this: it sets a price." in asked
    assert "Approve it as it stands" not in asked
    assert client.post(f"{path}approve/", {"revision": "2"}).status_code == 403
    second = sign_in(cast.second)
    assert "validated by Amelia" in second.get("/campaigns/").content.decode()
    assert "Approve it as it stands" in second.get(path).content.decode()
    assert second.post(f"{path}approve/", {"revision": "2"}).status_code == 302
    assert "Approved by Dev" in client.get(path).content.decode()
    assert client.post(f"{path}broadcast/", given).status_code == 302
    assert client.post(f"{path}broadcast/", given).status_code == 302
    assert Delivery.objects.count() == 1
    assert "Every agent was told of this version" in client.get(f"{path}broadcast/").content.decode()
    version.refresh_from_db()
    assert version.state == VersionState.LIVE
    shown = client.get(path).content.decode()
    assert "Now in force: v1" in shown
    assert "A version that was broadcast is never edited" in shown
    assert '30 November 2099, 23:59 <span class="sub">America/New_York' in shown, "as its agents were told"


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(cast: Cast, sign_in: SignIn) -> None:
    version = a_draft(cast)
    path = f"/campaigns/{version.campaign_id}/"
    assert sign_in(cast.owner).post(path, FACTS).status_code == 302
    late = sign_in(cast.second).post(path, {**FACTS, "offer": "Late offer"})
    assert late.status_code == 409
    assert "Somebody else saved this version" in late.content.decode()
    assert "Late offer" in late.content.decode()
    assert ContextVersion.objects.get().offer == "Early-bird ticket"
    again = sign_in(cast.second).post(path, {**FACTS, "offer": "Late offer", "seen": "2"})
    assert again.status_code == 302, "whoever has seen both decides, with one press of the button"
    assert ContextVersion.objects.get().offer == "Late offer"


def test_what_was_typed_while_somebody_broadcast_it_is_shown_and_fits_no_later_version(
    cast: Cast, sign_in: SignIn
) -> None:
    first = a_draft(cast)
    path, late = f"/campaigns/{first.campaign_id}/", {**FACTS, "offer": "Late offer"}
    sent(first, [cast.agent], cast.owner)
    shown = sign_in(cast.second).post(path, late)
    assert shown.status_code == 409
    assert "This version was broadcast while you were typing." in shown.content.decode()
    assert "Late offer" in shown.content.decode()
    second = begin_version(first.campaign, actor=cast.owner)
    assert sign_in(cast.second).post(path, late).status_code == 409, "its form shows the version before"
    second.refresh_from_db()
    assert second.offer == "Early-bird ticket"


def test_the_same_text_saved_by_itself_a_moment_ago_is_no_conflict(cast: Cast, sign_in: SignIn) -> None:
    version = a_draft(cast)
    path, client = f"/campaigns/{version.campaign_id}/", sign_in(cast.owner)
    client.post(f"{path}preview/", FACTS, headers={"HX-Request": "true"})
    assert client.post(path, FACTS).status_code == 302, "saved by the button right after it was saved by itself"
    late = client.post(f"{path}preview/", FACTS, headers={"HX-Request": "true"})
    assert late.status_code == 200, "the autosave that the button overtook"
    assert ContextVersion.objects.get().revision == 2


def test_a_warning_is_signed_for_before_anybody_is_told(cast: Cast, sign_in: SignIn) -> None:
    sent(a_draft(cast, "Summit speakers"), [cast.agent], cast.owner)
    version = a_draft(cast, price_micros=449_000_000)
    path, client = f"/campaigns/{version.campaign_id}/broadcast/", sign_in(cast.owner)
    page = client.get(path).content.decode()
    assert "Contradicts “Summit speakers v1”" in page
    given = {"agents": [str(cast.agent.pk)], "key": str(uuid7())}
    refused = client.post(path, given)
    assert refused.status_code == 422
    assert "Sign for what was warned of" in refused.content.decode()
    key = ContextVersion.objects.get(campaign__name="Summit speakers").pk
    assert client.post(path, {**given, "signed": [f"price:{key}"]}).status_code == 302
    version.refresh_from_db()
    assert (version.state, version.validated_by) == (VersionState.VALIDATED, cast.owner)
    assert [each["key"] for each in version.signed] == [f"price:{key}"]


def test_other_owners_see_the_request_and_answer_with_one_click(cast: Cast, sign_in: SignIn) -> None:
    theirs = make_agent(cast.team, "theirs", (cast.manager, OwnerRole.PRIMARY), (cast.chief, OwnerRole.SECOND))
    version = approved(signed(a_draft(cast), [cast.agent, theirs], cast.owner))
    given = {"agents": [str(cast.agent.pk), str(theirs.pk)], "key": str(uuid7())}
    sign_in(cast.owner).post(f"/campaigns/{version.campaign_id}/broadcast/", given)
    request, client = BroadcastRequest.objects.get(), sign_in(cast.manager)
    assert "Asked of you" in client.get("/campaigns/").content.decode()
    client.post(f"/campaigns/requests/{request.pk}/accept/")
    assert set(Delivery.objects.values_list("agent__slug", flat=True)) == {"refund-agent", "theirs"}


def test_a_text_is_pasted_by_hand_and_ticked(cast: Cast, sign_in: SignIn) -> None:
    [agent] = agents(cast, 1, Vendor.MANUAL)
    found = sent(a_draft(cast), [agent], cast.owner)
    delivery, client = found.deliveries.get(), sign_in(cast.owner)
    take_receipt(delivery, Rung.MANUAL_PENDING, evidence={})
    delivery.save()
    page = client.get(f"/campaigns/{found.campaign_id}/").content.decode()
    assert f'data-copy="#text-{delivery.pk}"' in page
    path = f"/campaigns/deliveries/{delivery.pk}/confirm/"
    assert client.post(path, {"evidence": "", "minutes": 2}).status_code == 422
    assert client.post(path, {"evidence": "Campaign → Custom fields", "minutes": 2}).status_code == 302
    assert "Campaign → Custom fields" in client.get(f"/campaigns/{found.campaign_id}/").content.decode()


def test_a_broadcast_is_recalled_with_a_reason(cast: Cast, sign_in: SignIn) -> None:
    found = sent(a_draft(cast), [cast.agent], cast.owner)
    client, path = sign_in(cast.owner), f"/campaigns/broadcasts/{found.pk}/recall/"
    confirm_manual(found.deliveries.get(), actor=cast.owner, evidence="Its page", minutes=1)
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "Wrong price"}).status_code == 302
    page = client.get(f"/campaigns/{found.campaign_id}/").content.decode()
    assert "recall of 1" in page
    assert "Wrong price" in page
    assert "its recall is on its way" in page
    assert ">Recalled<" not in page
    confirm_manual(Delivery.objects.get(broadcast__recalls=found), actor=cast.owner, evidence="Its page", minutes=1)
    page = client.get(f"/campaigns/{found.campaign_id}/").content.decode()
    assert "its recall is on its way" not in page
    assert ">Recalled<" in page


def test_an_agent_s_page_shows_what_it_was_told_and_how_much_it_takes(cast: Cast, sign_in: SignIn) -> None:
    sent(a_draft(cast), [cast.agent], cast.owner)
    client = sign_in(cast.owner)
    assert "Early-bird ticket" in client.get("/agents/refund-agent/context/").content.decode()
    saved = client.post("/agents/refund-agent/context/", {"budget": "300", "topics": ["offer", "price"]})
    assert saved.status_code == 302
    assert cast.agent.context_allowance.topics == ["offer", "price"]


@pytest.mark.parametrize("path", ["/campaigns/", "page"])
def test_a_page_costs_the_same_for_one_agent_and_for_nine(cast: Cast, sign_in: SignIn, path: str) -> None:
    version = a_draft(cast)
    sent(version, [cast.agent], cast.owner)
    client, where = sign_in(cast.owner), path if path != "page" else f"/campaigns/{version.campaign_id}/"
    wanted = LIST_QUERIES if path == "/campaigns/" else LIVE_QUERIES
    assert queries_of(client, where) == wanted
    more = agents(cast, 8)
    sent(a_draft(cast, "Another", offer="Dinner"), [cast.agent, *more], cast.owner)
    assert queries_of(client, where) == wanted


def test_of_many_deliveries_a_page_shows_how_many_are_how_far_and_some_with_trouble_first(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sendings, "PAGE", 5)
    many = agents(cast, 8)
    found = sent(a_draft(cast), many, cast.owner)
    last = found.deliveries.order_by("agent__name").last()
    assert last is not None
    found.deliveries.exclude(pk=last.pk).update(state=Rung.STORED)
    found.deliveries.filter(pk=last.pk).update(state=Rung.FAILED, error="It says no.", tries=6)
    path, client = f"/campaigns/{found.campaign_id}/", sign_in(cast.owner)
    rows = {
        asked: client.get(f"{path}{asked}").content.decode().split('<tr id="delivery-')[1:]
        for asked in ("", "?page=2", "?page=3", "?page=x", "?state=failed", "?state=sent", "?state=odd")
    }
    assert [len(each) for each in rows.values()] == [5, 3, 0, 5, 1, 0, 5]
    assert rows[""][0].startswith(str(last.pk))
    assert "It says no. · 6 tries" in rows["?state=failed"][0]
    page = client.get(path).content.decode()
    assert "1 failed</a>" in page
    assert "7 stored</a>" in page
    assert "page 1 of 2" in page
    assert queries_of(client, path) == LIVE_QUERIES + 1  # whether those that have it can be asked


def test_what_is_typed_is_saved_by_itself_unless_somebody_was_faster(cast: Cast, sign_in: SignIn) -> None:
    version = a_draft(cast)
    path, ajax = f"/campaigns/{version.campaign_id}/", {"HX-Request": "true"}
    mine, theirs = sign_in(cast.owner), sign_in(cast.second)
    assert mine.post(f"{path}preview/", FACTS, headers=ajax).status_code == 200
    late = theirs.post(f"{path}preview/", {**FACTS, "offer": "Late offer"}, headers=ajax)
    assert late.status_code == 409
    assert "Late offer" in late.content.decode()
    assert 'id="id_revision" hx-swap-oob' not in late.content.decode()
    saved = ContextVersion.objects.get()
    assert (saved.offer, saved.revision, saved.edited_by) == ("Early-bird ticket", 2, cast.owner)
    for wrong in ({"price_micros": "x"}, {"valid_to": "9999-12-31T23:59"}):
        assert mine.post(f"{path}preview/", {**FACTS, **wrong}, headers=ajax).status_code == 422


def test_two_who_have_the_form_open_are_told_of_each_other(cast: Cast, sign_in: SignIn) -> None:
    path = f"/campaigns/{a_draft(cast).campaign_id}/editing/"
    mine, theirs = sign_in(cast.owner), sign_in(cast.second)
    assert "has this form open" not in mine.post(path).content.decode()
    assert "Amelia has this form open" in theirs.post(path).content.decode()
    DraftEditor.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=1))
    assert "has this form open" not in mine.post(path).content.decode()


def test_nobody_and_strangers_are_refused_in_words(cast: Cast, sign_in: SignIn) -> None:
    path = f"/campaigns/{a_draft(cast).campaign_id}/broadcast/"
    for chosen, said in (([], "Tick the agents first."), ([str(cast.rival_agent.pk)], "Choose from the list.")):
        refused = sign_in(cast.owner).post(path, {"agents": chosen, "key": str(uuid7())})
        assert (refused.status_code, said in refused.content.decode()) == (422, True)


def test_whoever_is_left_out_has_a_reason(cast: Cast, sign_in: SignIn) -> None:
    first, second = agents(cast, 2)
    version, client = approved(signed(a_draft(cast), [cast.agent], cast.owner)), sign_in(cast.owner)
    path = f"/campaigns/{version.campaign_id}/broadcast/"
    given = {"agents": [str(cast.agent.pk)], "key": str(uuid7())}
    refused = client.post(path, given)
    assert refused.status_code == 422
    assert "Say why ours 0 is left out." in refused.content.decode()
    sent_with = {**given, "why": "They sell no tickets.", f"why-{second.pk}": "In maintenance"}
    assert client.post(path, sent_with).status_code == 302
    said = dict(Exclusion.objects.values_list("agent__slug", "reason"))
    assert said == {first.slug: "They sell no tickets.", second.slug: "In maintenance"}
    assert "In maintenance" in client.get(f"/campaigns/{version.campaign_id}/").content.decode()


def test_who_was_chosen_when_it_was_validated_is_shown_to_the_second_person_and_kept_until_it_is_sent(
    cast: Cast, sign_in: SignIn
) -> None:
    first, second = agents(cast, 2)
    version, client = a_draft(cast), sign_in(cast.owner)
    home, path = f"/campaigns/{version.campaign_id}/", f"/campaigns/{version.campaign_id}/broadcast/"
    given: dict[str, object] = {"agents": [str(cast.agent.pk), str(first.pk)], "canaries": [str(first.pk)]}
    refused = client.post(path, {**given, "key": str(uuid7())})
    assert (refused.status_code, ContextVersion.objects.get().state) == (422, VersionState.DRAFT)
    given = {**given, "auto_release": "on", f"why-{second.pk}": "In maintenance", "key": str(uuid7())}
    assert client.post(path, given).status_code == 302
    assert "In maintenance" in sign_in(cast.second).get(home).content.decode()
    approved(ContextVersion.objects.get())
    form = client.get(path).context["form"]
    chosen = {each.agent: (each.told, each.first, each.why) for each in form.choices([cast.agent, first, second])}
    assert chosen == {
        cast.agent: (True, False, ""),
        first: (True, True, ""),
        second: (False, False, "In maintenance"),
    }
    as_shown = {name: form[name].value() for name in ("agents", "canaries", "auto_release")}
    assert client.post(path, {**as_shown, f"why-{second.pk}": "In maintenance", "key": str(uuid7())}).status_code == 302
    assert [(row.agent, row.on_hold) for row in Delivery.objects.order_by("on_hold")] == [
        (first, False),
        (cast.agent, True),
    ]


PASTED = """Early-bird ticket
Price: $399.00, instead of $429 before
On sale from 1 March {year} until 30 March {year}.
For: everybody who came last year
Never say: last chance
Rated 4.8 of 5 (source: G2)
See https://tickets.example.com/early
Vielleicht 405 USD."""


def test_facts_are_read_from_a_text_and_taken_only_when_confirmed(cast: Cast, sign_in: SignIn) -> None:
    version, client = a_draft(cast, valid_to=None), sign_in(cast.owner)
    path = f"/campaigns/{version.campaign_id}/paste/"
    text = PASTED.format(year=timezone.now().year + 1)
    shown = client.post(path, {"text": text, "revision": 1})
    assert shown.status_code == 200
    assert ContextVersion.objects.get().revision == 1
    found = [(row["fact"].field, row["fact"].value) for row in shown.context["rows"]]
    fields = [field for field, _value in found]
    assert fields.count("price_micros") == 2
    ticked = [found[int(number)][0] for number in shown.context["ticked"]]
    assert "price_micros" not in ticked
    assert {"offer", "valid_from", "valid_to", "audience", "never_say", "claims", "links"} <= set(ticked)
    both = [str(number) for number, field in enumerate(fields) if field == "price_micros"]
    confirm = {"text": text, "revision": 1, "confirm": "1"}
    assert client.post(path, {**confirm, "take": both}).status_code == 422
    wanted = [*(str(n) for n, field in enumerate(fields) if field in ("valid_to", "never_say")), both[0]]
    assert client.post(path, {**confirm, "take": wanted}).status_code == 302
    version.refresh_from_db()
    assert (version.price_micros, version.never_say) == (399_000_000, ["cheapest", "last chance"])
    assert version.valid_to is not None
    assert version.valid_to.astimezone(version.tzinfo).strftime("%d %H:%M") == "30 23:59"
    assert (version.valid_from, version.audience) == (None, "")
    late = client.post(path, {**confirm, "take": wanted})
    assert late.status_code in (409, 422)

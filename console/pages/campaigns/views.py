"""Campaigns: the list, one with its facts and previews side by side, and what is typed there."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.base.errors import Conflict, NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from campaigns import actions
from campaigns.models import Campaign, ContextVersion
from campaigns.permissions import may_campaign, require_campaigner
from campaigns.queries import asked_of, in_force, waiting_for_second
from console.forms import attempt
from console.pages.campaigns.forms import FactsForm, NewForm
from console.pages.campaigns.page import CampaignPage, campaign_or_404, campaigns
from console.request import PaneRequest


@require_safe
def listing(request: PaneRequest) -> HttpResponse:
    """The list; for htmx only what changes."""
    seen = agents_for(request.user, Verb.VIEW)
    found = in_force(request.team, agents=seen)
    forced = {each.version.campaign_id for each in found}
    others = [each for each in campaigns(request).prefetch_related("versions")[:100] if each.pk not in forced]
    may = may_campaign(request.user, request.team)
    context = {
        "in_force": found,
        "others": others,
        "asked": asked_of(request.user).filter(agent__team=request.team),
        "second": waiting_for_second(request.user, request.team) if may else [],
        "may": may,
    }
    template = "pages/campaigns/campaigns.html" + ("#live" if request.headers.get("HX-Request") else "")
    return _varying(render(request, template, context))


@require_http_methods(["GET", "POST"])
def new(request: PaneRequest) -> HttpResponse:
    require_campaigner(request.user, request.team)
    form = NewForm(request.POST or None)
    if form.is_valid() and (version := attempt(form, lambda: _create(request, form.cleaned_data["name"]))):
        return redirect("campaign", version.campaign_id)
    return render(request, "pages/campaigns/new.html", {"form": form}, status=422 if form.is_bound else 200)


def _create(request: PaneRequest, name: str) -> ContextVersion:
    return actions.create_campaign(request.team, actor=request.user, name=name)


@require_http_methods(["GET", "POST"])
def campaign(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The page; for htmx only its deliveries. Posted: the draft is saved."""
    found = campaign_or_404(request, pk)
    if request.method == "POST":
        return _save(request, found)
    part = "#live" if request.headers.get("HX-Request") else ""
    return _varying(_page(request, CampaignPage(request, found), part=part))


def _page(request: PaneRequest, page: CampaignPage, *, status: int = 200, part: str = "") -> HttpResponse:
    context = {"page": page, "campaign": page.campaign}
    return render(request, f"pages/campaigns/campaign.html{part}", context, status=status)


def _save(request: PaneRequest, found: Campaign) -> HttpResponse:
    page = CampaignPage(request, found)
    form = FactsForm(request.POST)
    if not form.is_valid():
        return _page(request, CampaignPage(request, found, form), status=422)
    revision = form.cleaned_data["seen"] or form.cleaned_data["revision"]
    given = {"actor": request.user, "revision": revision, **form.facts()}
    try:
        saved = attempt(form, lambda: actions.edit_draft(page.version, **given), through=(NotAllowed, Conflict))
    except Conflict:
        theirs = _theirs(request, found, form)
        if theirs.differing:
            return _page(request, theirs, status=409)
        saved = theirs.version  # the same text, saved by itself a moment ago
    if saved is None:
        return _page(request, CampaignPage(request, found, form), status=422)
    messages.success(request, _("Saved."))
    return redirect("campaign", found.pk)


def _theirs(request: PaneRequest, found: Campaign, mine: FactsForm) -> CampaignPage:
    """Both texts side by side; nothing is overwritten until the person says which one stays."""
    page = CampaignPage(request, found)
    theirs, typed = FactsForm.of(page.version), mine.facts()
    differing = [
        {"label": field.label, "mine": mine[name].value(), "theirs": theirs[name].value()}
        for name, field in mine.fields.items()
        if name in typed and typed[name] != getattr(page.version, name)
    ]
    return CampaignPage(request, found, mine, differing)


@require_POST
def preview(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Saves what is typed, unless somebody else was faster, and shows what each agent would get of it."""
    found, form = campaign_or_404(request, pk), FactsForm(request.POST)
    require_campaigner(request.user, request.team)
    if not form.is_valid():
        return _page(request, CampaignPage(request, found, form), status=422, part="#preview")
    before = CampaignPage(request, found).version
    given = {"actor": request.user, "revision": form.cleaned_data["revision"], **form.facts()}
    try:
        saved = attempt(form, lambda: actions.edit_draft(before, **given), through=(NotAllowed, Conflict))
    except Conflict:
        theirs = _theirs(request, found, form)
        if theirs.differing:
            return _page(request, theirs, status=409, part="#preview")
        saved = theirs.version
    return _page(request, CampaignPage(request, found, form, saved=bool(saved)), part="#preview")


@require_POST
def editing(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The open form says that it is open, and hears who else has it open."""
    require_campaigner(request.user, request.team)
    page = CampaignPage(request, campaign_or_404(request, pk))
    actions.note_editor(page.version, request.user)
    return _page(request, page, part="#editors")


@require_POST
def begin(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    version = actions.begin_version(campaign_or_404(request, pk), actor=request.user)
    messages.success(request, _("Version %(n)s is in preparation.") % {"n": version.number})
    return redirect("campaign", pk)


def _varying(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request"
    return response

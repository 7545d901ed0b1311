"""One submission to many agents, seen before it is made; then receipts by hand, recall, requests."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agents.base.errors import Conflict, Invalid
from agents.base.untrusted import plain_untrusted
from agents.fleet.models import Agent
from agents.people.models import User
from campaigns import actions
from campaigns.checks import problems
from campaigns.enums import VersionState
from campaigns.models import Broadcast, BroadcastRequest, ContextVersion
from campaigns.permissions import audience, require_campaigner
from campaigns.queries import approval_of, second_reasons, told_of
from campaigns.rendering import renderings
from console.forms import attempt
from console.pages.campaigns.forms import ReasonForm, ReceiptForm, RecipientsForm
from console.pages.campaigns.page import CampaignPage, campaign_or_404, delivery_or_404
from console.pages.runs.forms import KeyForm
from console.request import PaneRequest


@require_http_methods(["GET", "POST"])
def broadcast(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Who will be told, whose owners will be asked, and what is signed for; then it is done."""
    require_campaigner(request.user, request.team)
    page = CampaignPage(request, campaign_or_404(request, pk))
    agents = list(audience(request.team).prefetch_related("owners__user"))
    told = set(told_of(page.version).values_list("agent", flat=True))
    left = [agent for agent in agents if agent.pk not in told]
    mine = [agent for agent in left if agent.pk in page.mine]
    actions.look_at_links(page.version)
    found = problems(page.version, renderings(page.version, mine))
    warnings = [each for each in found if each.level == "warning"]
    form = RecipientsForm(request.POST or None, page.version, agents, warnings)
    if form.is_valid() and attempt(form, lambda: _sent(request, page.version, agents, form)):
        return redirect("campaign", pk)
    choices = form.choices(mine)
    chosen = [each.agent for each in choices if each.told]
    context = {"page": page, "form": form, "mine": choices, "problems": found}
    context["second"] = [] if approval_of(page.version) else second_reasons(page.version, chosen)
    context["others"] = form.choices([agent for agent in left if agent.pk not in page.mine])
    return render(request, "pages/campaigns/broadcast.html", context, status=422 if form.is_bound else 200)


def _sent(request: PaneRequest, version: ContextVersion, agents: list[Agent], form: RecipientsForm) -> bool:
    """Says what became of it: broadcast, or validated and waiting for a second person."""
    try:
        n = _send(version, agents, form, request.user).deliveries.count()
    except Conflict as refused:
        if refused.code != "needs_second":
            raise
        messages.info(request, _("Validated. %(why)s They see it among the campaigns.") % {"why": refused.message})
        return True
    messages.success(request, ngettext("Broadcast to %d agent.", "Broadcast to %d agents.", n) % n)
    return True


def _send(version: ContextVersion, agents: list[Agent], form: RecipientsForm, actor: User) -> Broadcast:
    given = form.cleaned_data
    chosen = [agent for agent in agents if str(agent.pk) in given["agents"]]
    how = {
        "signed": given["signed"],
        "excluded": form.excluded() if version.in_preparation else {},
        "canaries": [agent for agent in chosen if str(agent.pk) in given["canaries"]],
        "auto_release": given["auto_release"],
    }
    if version.state == VersionState.DRAFT:
        version = actions.validate_version(version, chosen, actor=actor, **how)
    return actions.broadcast(version, chosen, actor=actor, idempotency_key=str(given["key"]), **how)


@require_POST
def confirm(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Somebody pasted the text by hand."""
    delivery, form = delivery_or_404(request, pk), ReceiptForm(request.POST)
    if not form.is_valid():
        raise Invalid(
            _("Say what you saw there, and the minutes it took."),
            fields={name: [str(each) for each in said] for name, said in form.errors.items()},
        )
    actions.confirm_manual(delivery, actor=request.user, **form.cleaned_data)
    messages.success(request, _("%(agent)s has it: confirmed by hand.") % {"agent": delivery.agent})
    return redirect("campaign", delivery.campaign_id)


@require_POST
def retry(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    delivery = actions.retry(delivery_or_404(request, pk), actor=request.user)
    messages.success(request, _("It is tried again now."))
    return redirect("campaign", delivery.campaign_id)


@require_POST
def ask(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask the agent itself what it was told; its answer is shown, and is a receipt when it holds the price."""
    delivery = delivery_or_404(request, pk)
    reply = actions.probe(delivery, actor=request.user, key=KeyForm(request.POST).value())
    said = plain_untrusted(reply.text, 300) if reply else _("nothing")
    messages.info(request, _("%(agent)s says: %(said)s") % {"agent": delivery.agent, "said": said})
    return redirect("campaign", delivery.campaign_id)


@require_POST
def recall(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Every agent of the broadcast gets back what it had."""
    require_campaigner(request.user, request.team)
    sent = get_object_or_404(
        Broadcast.objects.select_related("version__supersedes"), pk=pk, campaign__team=request.team
    )
    actions.recall(sent, actor=request.user, reason=_reason(request))
    messages.success(request, _("Recalled: every agent is told."))
    return redirect("campaign", sent.campaign_id)


@require_POST
def end(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Every agent is told that the campaign no longer applies."""
    page = CampaignPage(request, campaign_or_404(request, pk))
    require_campaigner(request.user, request.team)
    if page.live is None:
        raise Conflict(_("This version is no longer live."), "not_live")
    actions.end_version(page.live, actor=request.user, reason=_reason(request))
    messages.success(request, _("Ended: every agent is told."))
    return redirect("campaign", pk)


@require_POST
def approve(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The second person's word, for the version as it was shown."""
    page, revision = CampaignPage(request, campaign_or_404(request, pk)), request.POST.get("revision", "")
    require_campaigner(request.user, request.team)
    actions.approve_version(page.version, actor=request.user, revision=int(revision) if revision.isdecimal() else 0)
    messages.success(request, _("Approved: it may be broadcast now."))
    return redirect("campaign", pk)


@require_POST
def release(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Those who waited for the canaries are told, too."""
    require_campaigner(request.user, request.team)
    sent = get_object_or_404(Broadcast.objects.select_related("campaign__team"), pk=pk, campaign__team=request.team)
    n = actions.release(sent, actor=request.user)
    messages.success(request, ngettext("%d agent more is told.", "%d agents more are told.", n) % n)
    return redirect("campaign", sent.campaign_id)


@require_POST
def accept(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """One click: the version goes to the agent that its owners were asked for."""
    asked = _request_or_404(request, pk)
    if asked.version.state != VersionState.LIVE:
        raise Conflict(_("This version is no longer live."), "not_live")
    key = f"request:{asked.pk}"
    actions.broadcast(asked.version, [asked.agent], actor=request.user, idempotency_key=key)
    messages.success(request, _("Broadcast to %(agent)s.") % {"agent": asked.agent})
    return redirect("campaign", asked.version.campaign_id)


@require_POST
def decline(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    asked = _request_or_404(request, pk)
    actions.decline_request(asked, actor=request.user, reason=_reason(request))
    messages.success(request, _("Declined."))
    return redirect("campaigns")


def _request_or_404(request: PaneRequest, pk: uuid.UUID) -> BroadcastRequest:
    rows = BroadcastRequest.objects.select_related("version__campaign", "agent__team")
    found = rows.filter(pk=pk, version__campaign__team=request.team).first()
    if found is None:
        raise Http404
    return found


def _reason(request: PaneRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Say why in at most 300 characters."))
    return str(form.cleaned_data["reason"])

"""A draft from pasted text: every fact that was read is shown with its words, and taken only when confirmed."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns import actions
from campaigns.extraction import Extracted, extract, merged
from campaigns.models import ContextVersion
from campaigns.permissions import require_campaigner
from console.forms import attempt
from console.pages.campaigns.forms import PastedForm, label
from console.pages.campaigns.page import CampaignPage, campaign_or_404
from console.request import PaneRequest


@require_http_methods(["GET", "POST"])
def paste(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """First the text, then its facts with a tick each, then the draft."""
    require_campaigner(request.user, request.team)
    page = CampaignPage(request, campaign_or_404(request, pk))
    version, post = page.version, request.method == "POST"
    form = PastedForm(request.POST if post else None, initial={"revision": version.revision})
    form.offer(_found(form.data.get("text", ""), version))
    confirmed = post and "confirm" in request.POST
    if confirmed and form.is_valid() and (taken := attempt(form, lambda: _take(version, form, request))) is not None:
        messages.success(request, ngettext("%d fact taken.", "%d facts taken.", len(taken)) % len(taken))
        return redirect("campaign", pk)
    if post and not confirmed:
        form.data = {**form.data.dict(), "take": form.fields["take"].initial}  # type: ignore[attr-defined]
    rows = [{"number": str(number), "label": label(each.field), "fact": each} for number, each in enumerate(form.found)]
    context = {"page": page, "form": form, "rows": rows, "ticked": [str(each) for each in form["take"].value() or []]}
    return render(request, "pages/campaigns/paste.html", context, status=422 if confirmed else 200)


def _found(text: str, version: ContextVersion) -> list[Extracted]:
    return extract(text[:10_000], version, timezone.localtime(timezone.now(), version.tzinfo).date())


def _take(version: ContextVersion, form: PastedForm, request: PaneRequest) -> list[Extracted]:
    taken = form.taken()
    given = {"revision": form.cleaned_data["revision"], **merged(version, taken)}
    actions.edit_draft(version, actor=request.user, **given)
    return taken

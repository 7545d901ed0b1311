"""One exception, and the decision about it."""

import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.base.errors import Conflict, Invalid
from agents.base.phrases import spoken
from agents.base.untrusted import plain_untrusted
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.runs.actions.folding import Together, decide_alike
from agents.runs.enums import DecisionKind
from console.pages.exceptions.fetch import exception_page
from console.pages.exceptions.fields import Json
from console.pages.exceptions.forms import DecisionForm
from console.pages.exceptions.incident_forms import OpenForm
from console.pages.exceptions.page import AnswerPage
from console.request import PaneRequest, with_messages

WITH_FORM = (DecisionKind.EDIT, DecisionKind.RESPOND)


@require_safe
def exception(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return render_page(request, exception_page(request, pk))


@require_POST
def decide(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Decides; whoever is refused gets the page again, with everything typed."""
    came = take_decision(request, pk)
    if isinstance(came, AnswerPage):
        return render_page(request, came, status=came.status)
    if request.headers.get("HX-Request"):
        return with_messages(request, render_page(request, exception_page(request, pk)))
    if not came.is_held:
        messages.success(request, _("Decided: %(kind)s.") % {"kind": came.kind.label})
    return redirect("exception", pk=pk)


def take_decision(request: PaneRequest, pk: uuid.UUID, **drawn: Any) -> Together | AnswerPage:
    """What was decided; or, when it was refused, the page that says why, with everything typed.

    What does not fit is 422; whoever is late reads who was faster, 409. `drawn` is how the page is drawn.
    """
    form = DecisionForm(request.POST)
    page = exception_page(request, pk, data=request.POST, note=form["note"].value() or "", **drawn)
    require(request.user, page.exception.agent, Verb.REVIEW)
    if not form.is_valid():
        return _unreadable(page, form)
    page.key = str(form.cleaned_data["key"])
    kind = DecisionKind(form.cleaned_data["kind"])
    if kind in WITH_FORM and page.form and not page.form.is_valid():
        return replace(page, status=422)
    page.judged = kind in WITH_FORM
    try:
        decision = _decision(request, form, kind, _payload(page, kind))
        together = decide_alike(page.exception.item, form.cleaned_data["also"], **decision)
    except Invalid as error:
        told = tuple(error.fields.get("note", ()))
        return replace(page, status=422, problem="" if error.message in told else error.message, note_errors=told)
    except Conflict as error:
        typed = request.POST if kind in WITH_FORM else None
        said = {"data": typed, "note": page.note, "problem": error.message, "status": 409}
        return exception_page(request, pk, **said, **drawn)
    _say(request, together)
    return together


def _say(request: PaneRequest, together: Together) -> None:
    """What her next page does not show by itself."""
    if together.is_held:
        messages.info(request, _("Held: above this amount a second person has to approve it, too."))
    for item, why in together.left:
        messages.warning(request, f"{item}: {why}")


def _decision(request: PaneRequest, form: DecisionForm, kind: DecisionKind, payload: Json) -> dict[str, Json]:
    return {
        "actor": request.user,
        "kind": kind,
        "note": form.cleaned_data["note"],
        "root_cause": form.cleaned_data["root_cause"],
        "payload": payload,
        "proposal_sha256": form.cleaned_data["sha256"],
        "idempotency_key": str(form.cleaned_data["key"]),
        "grace_s": settings.DECISION_GRACE,
    }


def _payload(page: AnswerPage, kind: DecisionKind) -> Json:
    return page.form.answer() if kind in WITH_FORM and page.form else None


def _unreadable(page: AnswerPage, form: DecisionForm) -> AnswerPage:
    """The decision itself was not readable: a damaged page, or a note too long."""
    errors = tuple(map(str, form.errors.get("note", ())))
    problem = "" if errors else _("This page is damaged. Load it again; your text is kept below.")
    return replace(page, status=422, note_errors=errors, problem=problem)


def render_page(
    request: PaneRequest, page: AnswerPage, *, status: int = 200, incident_form: OpenForm | None = None
) -> HttpResponse:
    """The page; for htmx only the part that is answered, or, beside the inbox, what it is about as well."""
    template = "pages/exceptions/exception.html" + ("#deciding" if request.headers.get("HX-Request") else "")
    if request.headers.get("HX-Target") == "inline":
        template = "pages/exceptions/inline.html"
    context = {"page": page, "exception": page.exception, "item": page.exception.item}
    context["incident_form"] = incident_form or OpenForm(
        initial={"title": plain_untrusted(spoken(page.exception.title))[:200]}
    )
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request, HX-Target"
    return response

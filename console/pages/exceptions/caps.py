"""Raising the cap that stopped a run, on the page of its exception."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.runs.actions import set_cap
from console.forms import MoneyField, accepted
from console.pages.exceptions.fetch import exception_page
from console.pages.exceptions.views import render_page
from console.request import PaneRequest


class CapForm(forms.Form):
    """Which of the run's budgets, and the most it may hold."""

    budget = forms.UUIDField(widget=forms.HiddenInput)
    cap = MoneyField(label=gettext_lazy("Raise the cap to, in USD"))


@require_POST
def raise_cap(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """From the next call on; the run itself goes on when its exception is answered with “try again”."""
    page = exception_page(request, pk)
    require(request.user, page.exception.agent, Verb.CONFIGURE)
    form = CapForm(request.POST)
    budget = next((each for each in page.budgets if str(each.pk) == request.POST.get("budget")), None)
    if budget is None:
        raise Http404
    if accepted(form, lambda: set_cap(budget, cap_micros=form.cleaned_data["cap"], actor=request.user)):
        messages.success(request, _("The cap is changed. Answer “try again” to let the run go on."))
        return redirect("exception", pk)
    page.problem = " ".join(str(said) for problems in form.errors.values() for said in problems)
    return render_page(request, page, status=422)

"""Which language models flows may call, at which provider, for how much."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.actions import add_model, end_model
from agents.fleet.models import Model
from agents.fleet.queries.models import models_of
from agents.people.permissions import PEOPLE_ROLES, may_give
from console.forms import accepted
from console.pages.models.forms import ModelForm
from console.request import PaneRequest


@require_safe
def models_page(request: PaneRequest) -> HttpResponse:
    return _page(request, ModelForm())


@require_POST
def add(request: PaneRequest) -> HttpResponse:
    form = ModelForm(request.POST)
    if accepted(form, lambda: add_model(request.team, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Saved. Flows may call it from their next step on."))
        return redirect("models")
    return _page(request, form)


@require_POST
def end(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    end_model(get_object_or_404(Model, pk=pk, team=request.team), actor=request.user)
    messages.success(request, _("No step calls it any more."))
    return redirect("models")


def _page(request: PaneRequest, form: ModelForm) -> HttpResponse:
    context = {
        "form": form,
        "models": models_of(request.team.pk),
        "may": may_give(request.user, request.team.pk, *PEOPLE_ROLES[1:]),
    }
    return render(request, "pages/models/models.html", context, status=422 if form.is_bound else 200)

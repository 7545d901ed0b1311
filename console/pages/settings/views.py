"""One's own profile, tokens and team, and what this installation runs on."""

import uuid

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.people import actions
from agents.people.models import ApiToken
from agents.people.queries import teams_of, tokens_of
from console.forms import accepted, attempt
from console.pages.settings.forms import ProfileForm, TeamForm, TokenForm
from console.pages.settings.system import storage, system
from console.request import PaneRequest


@require_safe
def settings_page(request: PaneRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: PaneRequest, *, profile: ProfileForm | None = None, token: TokenForm | None = None, secret: str = ""
) -> HttpResponse:
    user = request.user
    context = {
        "profile": profile or ProfileForm(initial=model_to_dict(user, ["name", "zone", "language", "day_minutes"])),
        "token_form": token or TokenForm(),
        "tokens": tokens_of(user, request.team),
        "secret": secret,
        "teams": teams_of(user),
        "system": [*system(), storage(request.team)],
    }
    return render(request, "pages/settings/settings.html", context, status=422 if profile or token else 200)


@require_POST
def profile(request: PaneRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    if accepted(form, lambda: actions.set_preferences(request.user, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("settings")
    return _page(request, profile=form)


@require_POST
def choose_team(request: PaneRequest) -> HttpResponse:
    form = TeamForm(request.POST)
    form.fields["team"].queryset = teams_of(request.user)  # type: ignore[attr-defined]
    if not form.is_valid():
        messages.error(request, _("Choose a team from the list."))
        return redirect("settings")
    request.session["team"] = str(form.cleaned_data["team"].pk)
    return redirect("today")


@require_POST
def new_token(request: PaneRequest) -> HttpResponse:
    """The secret is shown on this answer only: nothing but its hash is kept."""
    form = TokenForm(request.POST)
    if form.is_valid() and (made := attempt(form, lambda: _make(request, form))):
        return _page(request, secret=made[1])
    return _page(request, token=form)


def _make(request: PaneRequest, form: TokenForm) -> tuple[ApiToken, str]:
    return actions.create_token(request.team, request.user, actor=request.user, **form.cleaned_data)


@require_POST
def revoke_token(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    token = get_object_or_404(tokens_of(request.user, request.team), pk=pk)
    actions.revoke_token(token, actor=request.user)
    messages.success(request, _("%(name)s no longer works.") % {"name": token.name})
    return redirect("settings")

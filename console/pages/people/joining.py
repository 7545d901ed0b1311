"""Coming in by a link."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.people.actions import accept_invitation
from agents.people.actions.invitations import find_invitation
from agents.people.models import Invitation, User
from agents.people.queries import has_account
from console.forms import attempt
from console.pages.people.forms import JoinForm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A new person gives a name and a password; whoever has an account signs in first and then only confirms."""
    invitation = find_invitation(token)
    if isinstance(request.user, User):
        return _join_signed_in(request, token, invitation)
    if has_account(invitation.email):
        return redirect_to_login(request.path)
    form = JoinForm(request.POST or None, initial={"language": get_language()})
    if form.is_valid() and (user := attempt(form, lambda: accept_invitation(token, **form.cleaned_data))):
        login(request, user, backend=BACKEND)
        return _welcome(request, invitation)
    context = {"form": form, "invitation": invitation}
    return render(request, "pages/people/join.html", context, status=422 if form.is_bound else 200)


def _join_signed_in(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    if request.method == "GET":
        return render(request, "pages/people/join.html", {"invitation": invitation})
    accept_invitation(token, signed_in=request.user)  # type: ignore[arg-type]
    request.session["team"] = str(invitation.team_id)
    return _welcome(request, invitation)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to %(team)s.") % {"team": invitation.team})
    return redirect("today")

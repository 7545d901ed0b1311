"""First use without demo: the first person, then what is left to do."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.people.models import Team
from console.forms import attempt
from console.pages.setup.checklist import checklist
from console.pages.setup.first import set_up
from console.pages.setup.forms import SetupForm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if not Team.objects.exists():
        return _first(request)
    team = getattr(request, "team", None)
    if team is None:
        return redirect_to_login(request.path)
    steps = checklist(team, request.user)  # type: ignore[arg-type]
    return render(request, "pages/setup/checklist.html", {"steps": steps})


def _first(request: HttpRequest) -> HttpResponse:
    form = SetupForm(request.POST or None)
    if form.is_valid() and (user := attempt(form, lambda: set_up(**form.cleaned_data))):
        login(request, user, backend=BACKEND)
        return redirect("setup")
    return render(request, "pages/setup/setup.html", {"form": form}, status=422 if form.is_bound else 200)

"""Who is in the team, as what, and who may sign in."""

import uuid

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.fleet.actions import deactivate_user, reactivate_user
from agents.fleet.models import Agent
from agents.fleet.queries import successions
from agents.people import actions
from agents.people.enums import TeamRole
from agents.people.models import Invitation, Membership, User
from agents.people.permissions import require_people_role
from agents.people.queries import members, pending_invitations, role_in
from console.forms import attempt
from console.pages.people.forms import InviteForm, RoleForm
from console.request import PaneRequest


@require_safe
def people(request: PaneRequest) -> HttpResponse:
    require_people_role(request.user, request.team.pk)
    return people_page(request, InviteForm())


def people_page(
    request: PaneRequest, form: InviteForm, *, link: str = "", link_for: User | None = None, status: int = 200
) -> HttpResponse:
    """The page, once with a link that nothing keeps: into the team, or to a new password for `link_for`."""
    administrator = role_in(request.user, request.team.pk) == TeamRole.ADMINISTRATOR
    context = {
        "administrator": administrator,
        "members": _members(request),
        "invitations": pending_invitations(request.team),
        "form": form,
        "link": link,
        "link_for": link_for,
        "roles": [(v, label) for v, label in TeamRole.choices if administrator or v != TeamRole.ADMINISTRATOR],
    }
    return render(request, "pages/people/people.html", context, status=status)


def _members(request: PaneRequest) -> QuerySet[Membership]:
    mine = Q(user__ownerships__agent__team=request.team)
    return members(request.team).annotate(agents=Count("user__ownerships", filter=mine))


def member_of(request: PaneRequest, pk: uuid.UUID) -> Membership:
    return get_object_or_404(members(request.team), pk=pk)


@require_POST
def invite(request: PaneRequest) -> HttpResponse:
    """The link is shown on this answer only: its token is kept nowhere."""
    require_people_role(request.user, request.team.pk)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return people_page(request, form, status=422)
    earlier = pending_invitations(request.team).filter(email=form.cleaned_data["email"].lower()).exists()
    made = attempt(form, lambda: actions.invite(request.team, actor=request.user, **form.cleaned_data))
    if made is None:
        return people_page(request, form, status=422)
    if earlier:
        messages.info(request, _("The earlier link for %(email)s no longer works.") % {"email": made[0].email})
    return people_page(request, InviteForm(), link=request.build_absolute_uri(reverse("join", args=[made[1]])))


@require_POST
def revoke_invitation(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, team=request.team)
    actions.revoke_invitation(invitation, actor=request.user)
    messages.success(request, _("The link for %(email)s no longer works.") % {"email": invitation.email})
    return redirect("people")


@require_POST
def change_role(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    membership, form = member_of(request, pk), RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role from the list."))
        return redirect("people")
    changed = actions.change_role(membership, role=form.cleaned_data["role"], actor=request.user)
    said = {"name": membership.user, "role": changed.get_role_display()}
    messages.success(request, _("%(name)s is now: %(role)s.") % said)
    return redirect("people")


@require_http_methods(["GET", "POST"])
def deactivate(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Says what will happen to each agent first; sign-in can always be revoked at once."""
    membership = member_of(request, pk)
    require_people_role(request.user, request.team.pk, membership.role)
    if request.method == "GET":
        consequences = successions(membership.user, Agent.objects.all())
        context = {"membership": membership, "consequences": consequences}
        return render(request, "pages/people/deactivate.html", context)
    deactivate_user(membership.user, actor=request.user)
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": membership.user})
    return redirect("people")


@require_POST
def reactivate(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    membership = member_of(request, pk)
    reactivate_user(membership.user, actor=request.user)
    messages.success(request, _("%(name)s can sign in again.") % {"name": membership.user})
    return redirect("people")

"""Whoever lost a password or a device comes in again: by mail, or by a link that somebody in charge makes."""

import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.account.views import password_reset
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from agents.people.actions import take_credentials
from agents.people.models import Membership, User
from console.pages.people.forms import InviteForm
from console.pages.people.views import member_of, people_page
from console.request import PaneRequest


@login_not_required
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponseBase:
    """A link by mail; where this installation sends none, who makes one instead."""
    if settings.EMAIL_HOST:
        return password_reset(request)  # type: ignore[no-any-return]
    return render(request, "account/no_mail.html")


@require_POST
def credentials(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The link is shown on this answer only: nothing keeps it."""
    membership = member_of(request, pk)
    link = request.build_absolute_uri(new_credentials(membership, actor=request.user))
    return people_page(request, InviteForm(), link=link, link_for=membership.user)


@transaction.atomic
def new_credentials(membership: Membership, *, actor: User) -> str:
    """The address where the person chooses a new password: it works once, for `PASSWORD_RESET_TIMEOUT`.

    Their password and second factors stop working now. Raises what `take_credentials` raises.
    """
    user = take_credentials(membership, actor=actor)
    Authenticator.objects.filter(user=user).delete()
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)

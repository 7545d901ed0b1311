"""Sign-in through allauth. Nobody signs up by themselves: people come by invitation (console/pages/people)."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {  # as allauth has it
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _("Too many failed tries. Try again in fifteen minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def tried_address(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """Whose password is being tried, however it was typed: what axes counts by. allauth calls it `email`."""
    typed = (credentials or {}).get("email") or request.POST.get("login", "")
    return typed.strip().lower()[:255]

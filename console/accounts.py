"""Sign-in through allauth. Nobody signs up by themselves: people come by invitation (console/pages/people)."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def tried_address(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """Whose password is being tried, however it was typed: what axes counts by. allauth calls it `email`."""
    typed = (credentials or {}).get("email") or request.POST.get("login", "")
    return typed.strip().lower()[:255]

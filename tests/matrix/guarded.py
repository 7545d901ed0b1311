"""What every answer carries, whoever asked and whatever it says (guarantees G44)."""

from django.http import HttpResponseBase

CSP = {
    "default-src": {"'self'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "font-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "connect-src": {"'self'"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
}


def guarded(response: HttpResponseBase) -> None:
    """Fails at the first header that is not as it must be."""
    assert _policy(response) == CSP
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Request-Id"].startswith("req_")


def _policy(response: HttpResponseBase) -> dict[str, set[str]]:
    """Parsed: the order of directives changes from process to process."""
    parts = [part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: set(sources) for name, *sources in parts}

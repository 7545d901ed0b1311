"""What every page of the pane needs."""

from django.http import HttpRequest


def pane(request: HttpRequest) -> dict[str, object]:
    """The team in view."""
    return {"team": getattr(request, "team", None)}

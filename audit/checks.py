"""Said at every start: what the trail cannot promise here."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning


def append_only(**kwargs: Any) -> list[CheckMessage]:
    """W001 when the application owns the trail's tables."""
    if settings.DATABASE_APP_ROLE is not None:
        return []
    return [
        Warning(
            "The trail is append-only by trigger but not by role: the application owns its tables.",
            hint="Give DATABASE_OWNER_URL a role of its own beside DATABASE_URL, and migrate with it.",
            id="audit.W001",
        )
    ]

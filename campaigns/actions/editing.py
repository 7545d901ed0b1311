"""Who has the form of a version open: told to whoever else has."""

from django.utils import timezone

from agents.people.models import User
from campaigns.models import ContextVersion, DraftEditor


def note_editor(version: ContextVersion, user: User) -> None:
    """The person's page was heard of now."""
    row = DraftEditor(version=version, user=user, seen_at=timezone.now())
    DraftEditor.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["version", "user"], update_fields=["seen_at"]
    )

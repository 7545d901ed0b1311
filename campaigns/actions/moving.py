"""The one door through which a version that was broadcast changes its state."""

from django.utils import timezone

from agents.base.actors import Actor
from audit.actions import record
from campaigns.enums import VersionState
from campaigns.models import ContextVersion


def move(version: ContextVersion, state: VersionState, verb: str, actor: Actor) -> None:
    """Writes the state and its event; the caller holds the campaign."""
    version.state, version.state_since = state, timezone.now()
    version.save(update_fields=["state", "state_since"])
    record(verb, actor=actor, team_id=version.campaign.team_id, obj=version, state=state.value)

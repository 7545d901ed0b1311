"""What touches price, law or every agent is looked at by two people before anybody is told (R-073)."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, NotAllowed
from agents.base.hooks import notify
from agents.fleet.models import Agent
from agents.people.models import User
from audit.actions import record
from campaigns import verbs
from campaigns.actions.drafts import locked
from campaigns.enums import VersionState
from campaigns.models import Approval, ContextVersion
from campaigns.queries import approval_of, as_shown, second_reasons
from campaigns.rendering import differences


@transaction.atomic
def approve_version(version: ContextVersion, *, actor: User, revision: int) -> Approval:
    """The second person's word for a validated version as it was shown at `revision`. Again: the first one.

    Raises `NotAllowed` for who validated it, `Conflict` (`not_validated`; `edited_meanwhile`: what is otherwise now).
    """
    version = locked(version, actor)
    if version.revision != revision:
        changed = differences(as_shown(version, revision), version)
        raise Conflict(_("Somebody has edited this version in the meantime."), "edited_meanwhile", changed)
    if version.state != VersionState.VALIDATED:
        raise Conflict(_("Validate this version first."), "not_validated")
    if version.validated_by == actor:
        raise NotAllowed(_("You prepared this version: somebody else approves it."), "second_person")
    approval, new = Approval.objects.get_or_create(version=version, revision=revision, by=actor)
    if new:
        told: dict[str, Any] = {"revision": revision, "number": version.number}
        record(verbs.VERSION_APPROVED, actor=actor.actor, team_id=version.campaign.team_id, obj=version, **told)
        notify("campaigns")
    return approval


def require_second(version: ContextVersion, agents: Collection[Agent]) -> None:
    """Raises `Conflict` (`needs_second`) when two people should have looked at it and only one did."""
    reasons = second_reasons(version, agents)
    if reasons and approval_of(version) is None:
        told = {"reasons": ", ".join(str(reason) for reason in reasons)}
        raise Conflict(_("A second person has to approve this: %(reasons)s.") % told, "needs_second")

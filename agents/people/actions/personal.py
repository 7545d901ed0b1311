"""Having personal data shown that one's role sees masked."""

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid, NotAllowed
from agents.people import verbs
from agents.people.models import Team, User
from agents.people.permissions import MAY_REVEAL, holds
from audit.actions import record

LONGEST = 300


@transaction.atomic
def reveal_personal(team: Team, *, where: str, reason: str, actor: User) -> None:
    """The trail keeps that the actor had the personal data at `where`, an address, shown, and what for.

    Raises NotAllowed, Invalid without a reason.
    """
    if not holds(actor, team.pk, MAY_REVEAL):
        raise NotAllowed(_("Your role in the team does not include personal data."), "personal_data")
    why = " ".join(reason.split())
    if not 0 < len(why) <= LONGEST:
        said = _("Say in at most %(most)s characters what you need them for.") % {"most": LONGEST}
        raise Invalid(said, "reason_missing", {"reason": [said]})
    record(verbs.PERSONAL_REVEALED, actor=actor.actor, team_id=team.pk, obj=team, where=where, reason=why)

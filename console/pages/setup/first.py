"""The first team and its administrator, made once by whoever started the console."""

import secrets

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.people.actions import create_administrator, create_team
from agents.people.models import Team, User

# Any number of our own: two people who press the button at once must not both be first.
FIRST_LOCK = 0x526F6C6C


@transaction.atomic
def set_up(*, code: str, team: str, zone: str, currency: str, name: str, email: str, password: str) -> User:
    """The administrator of the first team, in the language of the form.

    Raises `NotAllowed` without a code to compare, `Invalid`, `Conflict`.
    """
    _check(code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_LOCK])
    if Team.objects.exists():
        raise Conflict(_("Rollcall is already set up: ask an administrator for an invitation."), "already_set_up")
    new = create_team(team, zone=zone, currency=currency)
    return create_administrator(email, name, password, new, get_language() or "en")


def _check(code: str) -> None:
    if not settings.SETUP_CODE:
        raise NotAllowed(_("Rollcall was started without a set-up code. Set SETUP_CODE and start it again."), "no_code")
    if not secrets.compare_digest(code.strip().encode(), settings.SETUP_CODE.encode()):
        problem = _("This is not the code that was printed.")
        raise Invalid(problem, "setup_code", {"code": [problem]})

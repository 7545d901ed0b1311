"""Saying why an exception came about, when it is closed."""

from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.runs.causes import CLOSES, wants_cause
from agents.runs.enums import DecisionKind, RootCause
from agents.runs.models import RunException


def tell_cause(exception: RunException, kind: DecisionKind, root_cause: str, note: str) -> None:
    """Keeps the cause, before the exception is closed. Raises Invalid where one is wanted, or told in no words."""
    if kind not in CLOSES or not (root_cause or wants_cause(exception)):
        return
    if root_cause not in RootCause.values:
        said = _("Say what was behind it.")
        raise Invalid(said, "root_cause", fields={"root_cause": [said]})
    if root_cause == RootCause.OTHER and not note.strip():
        said = _("Say in the note what else it was.")
        raise Invalid(said, "root_cause", fields={"note": [said]})
    exception.root_cause, exception.root_cause_note = root_cause, note.strip()[:300]
    exception.save(update_fields=["root_cause", "root_cause_note"])

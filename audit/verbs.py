"""The verbs of the trail. Each app registers its own in `<app>/verbs.py`; no other verb can be recorded."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.base.errors import Refused

_labels: dict[str, str | Promise] = {}


class UnknownVerb(Refused):
    """A programming mistake: the verb was never registered."""

    status = 500


def register(name: str, label: str | Promise) -> str:
    """Makes `name` (`<noun>.<past participle>`: "run.paused") recordable and returns it; `label` is what people read.

    Raises `ValueError` when the name is longer than its column or already taken.
    """
    if len(name) > 60:
        raise ValueError(f"The verb {name!r} is longer than 60 characters.")
    # By identity: comparing lazy texts would translate them before Django is ready.
    if _labels.setdefault(name, label) is not label:
        raise ValueError(f"The verb {name!r} is registered twice.")
    return name


def require(name: str) -> str:
    """`name`, when it is registered; raises `UnknownVerb` otherwise."""
    if name not in _labels:
        raise UnknownVerb(f"The verb {name!r} is not registered with the trail.", "unknown_verb")
    return name


def label(name: str) -> str:
    """What people read for a verb; the name itself for one that an older release registered."""
    return str(_labels.get(name, name))


def registered() -> dict[str, str]:
    """Every verb with its label in the active language, for filters."""
    return {name: str(text) for name, text in sorted(_labels.items())}


REDACTED = register("audit.redacted", _("Erased what an event said"))
VERIFIED = register("audit.verified", _("Verified the trail"))
EXPORTED = register("audit.exported", _("Exported the trail"))
ROTATED = register("keys.rotated", _("Encrypted every secret anew"))

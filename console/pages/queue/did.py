"""What an agent did since its last review, in words."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base.money import format_costs
from agents.base.templatetags.rollcall import age
from agents.runs.queries import Digest
from agents.runs.ranking import say_p

A_NIGHT = dt.timedelta(hours=36)
"""The longest window of one night: from a morning to the evening of the next day."""


@dataclass(frozen=True, slots=True)
class Did:
    """The facts, and as a text the line that says them."""

    runs: int
    errors: int
    outputs: int
    refused: int
    unchecked: int
    costs: tuple[tuple[str, int], ...]
    doubt: float
    """How likely a run of it is wrong, where that is likelier than not."""
    age: str
    long: bool
    """Whether it is about more than one night, which has to be said."""

    def __str__(self) -> str:
        if not self.runs:
            return _("no run in %(age)s") % {"age": self.age}
        counted = (
            ngettext("%(n)d run", "%(n)d runs", self.runs) % {"n": self.runs},
            ngettext("%(n)d output", "%(n)d outputs", self.outputs) % {"n": self.outputs},
            _("%(n)d refused by guardrails") % {"n": self.refused} if self.refused else "",
            _("%(n)d not checked yet") % {"n": self.unchecked} if self.unchecked else "",
            format_costs(dict(self.costs)),
            _("in %(age)s") % {"age": self.age} if self.long else "",
        )
        return " · ".join(filter(None, counted))

    @property
    def failed(self) -> str:
        """What speaks against the day at once: failures, and a run that is rather wrong than right."""
        failed = ngettext("%(n)d failed", "%(n)d failed", self.errors) % {"n": self.errors} if self.errors else ""
        doubtful = _("a run %(likely)s") % {"likely": say_p(self.doubt)} if self.doubt else ""
        return " · ".join(filter(None, (failed, doubtful)))


def did(digest: Digest) -> Did:
    """The facts of a digest."""
    return Did(
        runs=digest.total,
        errors=digest.errors,
        outputs=digest.outputs,
        refused=digest.refused,
        unchecked=digest.unchecked,
        costs=tuple((digest.costs or {}).items()),
        doubt=digest.p_wrong if digest.is_doubtful else 0.0,
        age=age(digest.window.since),
        long=digest.window.until - digest.window.since > A_NIGHT,
    )

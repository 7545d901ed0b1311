"""The cells of one row of a CSV of agents: each read into its type, or a problem that says why not."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email, validate_slug
from django.db.models import TextChoices
from django.utils.text import slugify
from django.utils.translation import gettext as _

T = TypeVar("T")
C = TypeVar("C", bound=TextChoices)
# What a spreadsheet would run when it opens the cell (OWASP: CSV injection).
FORMULA = re.compile(r"[=+\-@\t\r]")
KPI = re.compile(r"(?P<name>[^<>=]+?)\s*(?P<sign>>=|<=)\s*(?P<target>\d{1,14}(?:\.\d{1,4})?)\s*(?P<unit>\S{0,20})")


class Unreadable(Exception):
    """Why something in the file cannot be taken, in a sentence."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which row (1 is the header; 0 the file itself) and column ("" the whole row)."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class KpiGoal:
    """A KPI with its target; `better` is "higher" or "lower"."""

    key: str
    target: Decimal
    unit: str
    better: str


@dataclass
class Cells:
    """One row by column name, and what was found wrong with it so far."""

    row: int
    given: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def read(self, column: str, reader: Callable[[str], T], otherwise: T) -> T:
        """The cell as `reader` understands it, `otherwise` when the cell is empty or cannot be read."""
        cell = self.given.get(column, "")
        try:
            if FORMULA.match(cell):
                raise Unreadable(_("This looks like a formula."))
            return reader(cell.strip()) if cell.strip() else otherwise
        except Unreadable as why:
            self.problems.append(Problem(self.row, column, str(why)))
            return otherwise

    def need(self, column: str, reader: Callable[[str], T], otherwise: T) -> T:
        """The same for a cell that may not be empty."""
        if not self.given.get(column, "").strip():
            self.problems.append(Problem(self.row, column, _("This is needed.")))
        return self.read(column, reader, otherwise)


def text(longest: int) -> Callable[[str], str]:
    """A reader of one line of at most so many characters."""

    def reader(cell: str) -> str:
        if len(cell) > longest:
            raise Unreadable(_("At most %(most)s characters.") % {"most": longest})
        return cell

    return reader


def choice(choices: type[C]) -> Callable[[str], C]:
    """A reader of one of the choices, by its value or by its name in the language in use."""

    def reader(cell: str) -> C:
        names = {name.casefold(): one for one in choices for name in (one.value, str(one.label))}
        if found := names.get(cell.casefold()):
            return found
        options = ", ".join(str(one.label) for one in choices)
        raise Unreadable(_("“%(cell)s” is not one of: %(options)s.") % {"cell": cell[:40], "options": options})

    return reader


def emails(cell: str) -> tuple[str, ...]:
    """Addresses separated by `;`, each once."""
    found = tuple(part.strip().lower() for part in cell.split(";") if part.strip())
    for email in found:
        _valid(validate_email, email, _("“%(cell)s” is not an e-mail address."))
    if len(set(found)) < len(found):
        raise Unreadable(_("The same owner is named twice."))
    return found


def url(cell: str) -> str:
    """An http or https address of at most 200 characters."""
    _valid(URLValidator(schemes=["http", "https"]), text(200)(cell), _("“%(cell)s” is not a web address."))
    return cell


def slug(cell: str) -> str:
    """A short name of letters, digits and hyphens."""
    _valid(validate_slug, text(60)(cell), _("“%(cell)s” is not a short name: letters, digits and hyphens only."))
    return cell


def _valid(validator: Callable[[str], object], cell: str, message: str) -> None:
    try:
        validator(cell)
    except ValidationError as error:
        raise Unreadable(message % {"cell": cell[:60]}) from error


def kpis(cell: str) -> tuple[KpiGoal, ...]:
    """`meetings>=6; first answer<=5 min`: at least and at most, each KPI once."""
    found = tuple(_kpi(part.strip()) for part in cell.split(";") if part.strip())
    if len({goal.key for goal in found}) < len(found):
        raise Unreadable(_("The same KPI is named twice."))
    return found


def _kpi(part: str) -> KpiGoal:
    match = KPI.fullmatch(part)
    key = slugify(match["name"]) if match else ""
    if match is None or not 0 < len(key) <= 40:
        raise Unreadable(_("“%(cell)s” is not a KPI such as meetings>=6.") % {"cell": part[:60]})
    better = "higher" if match["sign"] == ">=" else "lower"
    return KpiGoal(key, Decimal(match["target"]), match["unit"], better)


def day(cell: str) -> dt.date:
    """A day that has come, as YYYY-MM-DD."""
    try:
        found = dt.date.fromisoformat(cell)
    except ValueError as error:
        raise Unreadable(_("“%(cell)s” is not a day such as 2026-01-31.") % {"cell": cell[:40]}) from error
    if found > dt.datetime.now(dt.UTC).date():
        raise Unreadable(_("This day has not come yet."))
    return found

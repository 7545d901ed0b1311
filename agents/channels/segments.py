"""Which agent writes to whom: rules of a version in their order, the first that fits decides. No queries here."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.channels.enums import Fact, Is

MOST_RULES, MOST_CONDITIONS = 50, 3


@dataclass(frozen=True)
class Condition:
    """One fact of a contact, compared with `value`; a fact that nobody knows fits nothing but “is not”."""

    fact: Fact
    how: Is
    value: str

    def __str__(self) -> str:
        return _("%(fact)s %(is)s %(value)s") % {"fact": self.fact.label, "is": self.how.label, "value": self.value}

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Whether a contact with these facts is meant. Words are compared without regard to case."""
        known = facts.get(self.fact, "").casefold()
        asked = self.value.strip().casefold()
        if self.how == Is.OTHER:
            return known != asked
        if self.how == Is.AMONG:
            return bool(known) and known in {each.strip() for each in asked.split(",")}
        if self.how == Is.EQUAL:
            return bool(known) and known == asked
        count, bound = number(known), number(asked)
        if count is None or bound is None:
            return False
        return count >= bound if self.how == Is.AT_LEAST else count < bound


@dataclass(frozen=True)
class Rule:
    """`agent` (a slug) writes to whom all `conditions` fit (none: everybody), because of `why`.

    At most `per_day` contacts in 24 hours, and to nobody again within `rest_days`; None: no limit.
    """

    agent: str
    why: str
    conditions: tuple[Condition, ...] = ()
    per_day: int | None = None
    rest_days: int | None = None
    name: str = field(default="", compare=False)

    def fits(self, facts: Mapping[str, str]) -> bool:
        return all(each.fits(facts) for each in self.conditions)

    def __str__(self) -> str:
        """The rule as a person would say it."""
        whom = get_text_list([str(each) for each in self.conditions], _("and")) or _("everybody")
        said = _("%(agent)s writes to: %(whom)s") % {"agent": self.name or self.agent, "whom": whom}
        if self.per_day is not None:
            said += ngettext("; at most %d contact in 24 hours", "; at most %d contacts in 24 hours", self.per_day) % (
                self.per_day
            )
        if self.rest_days is not None:
            said += ngettext("; nobody again within %d day", "; nobody again within %d days", self.rest_days) % (
                self.rest_days
            )
        return said


def fitting(rules: Iterable[Rule], facts: Mapping[str, str]) -> list[tuple[int, Rule]]:
    """Every rule that fits, with its place; the first decides. None: a gap. Of several agents: an overlap."""
    return [(place, rule) for place, rule in enumerate(rules) if rule.fits(facts)]


def overlap(found: Sequence[tuple[int, Rule]]) -> bool:
    return len({rule.agent for _place, rule in found}) > 1


def digest(rules: Iterable[Rule], window_hours: int) -> str:
    """What was tried: rules that differ in anything have another."""
    told = [{key: value for key, value in asdict(rule).items() if key != "name"} for rule in rules]
    return hashlib.sha256(json.dumps([window_hours, told], sort_keys=True).encode()).hexdigest()


def number(text: str) -> Decimal | None:
    """The number a text is; None for any other."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None

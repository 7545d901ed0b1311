"""What will happen if a proposal is approved: in our words, from the call itself, never from what the agent says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.base.money import format_money
from console.pages.exceptions.asking import MICROS
from console.pages.exceptions.fields import Json, Schema

# Keys that say the same in the proposals of different flows and vendors, in the order in which people ask for them.
KNOWN: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Tool"), ("tool", "tool_name", "name", "action")),
    (_("Amount"), ("amount", "amount_micros", "cost_micros")),
    (pgettext_lazy("whom", "To"), ("target", "to", "recipient", "customer")),
    (_("Limit"), ("limit", "limit_micros")),
)

ARGUMENTS = ("arguments", "args")
"""What a call is given; its facts stand among those of the proposal."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of a proposal. `words` is ours; otherwise `value` is shown as it is, safely."""

    label: Promise | str
    value: Json
    words: str = ""
    has_currency: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of a proposal before and after a person edited it."""

    label: Promise | str
    was: Json
    now: Json


def differences(proposal: Json, edited: Json) -> list[Change]:
    """What an edit changed, added or took away, fact by fact."""
    was, now = ({str(line.label): line.words or line.value for line in lines(each)} for each in (proposal, edited))
    labels = list(dict.fromkeys([*was, *now]))
    return [Change(each, was.get(each), now.get(each)) for each in labels if was.get(each) != now.get(each)]


def lines(proposal: Json) -> list[Line]:
    """The facts of a proposal: what every approver asks first, then everything else, leaving nothing out."""
    if not isinstance(proposal, Mapping):
        return [Line(_("Proposal"), proposal)]
    rest = dict(proposal)
    found = [_line(label, key, rest) for label, keys in KNOWN for key in keys if key in rest]
    for arguments in [rest.pop(key) for key in ARGUMENTS if rest.get(key) is not None]:
        found += lines(arguments) if isinstance(arguments, Mapping) else [Line(_("Arguments"), arguments)]
    if any(line.has_currency for line in found):
        rest.pop("currency", None)
    return found + [Line(capfirst(key.replace("_", " ")), value) for key, value in rest.items()]


def _line(label: Promise, key: str, rest: dict[str, Any]) -> Line:
    value, currency = rest.pop(key), rest.get("currency")
    if key.endswith("_micros") and type(value) is int and isinstance(currency, str) and len(currency) == 3:
        return Line(label, value, format_money(value, currency), has_currency=True)
    if key == "amount" and isinstance(currency, str):
        return Line(label, f"{value} {currency}", has_currency=True)
    return Line(label, value)


def shape(proposal: Json) -> Schema:
    """A schema of what is proposed, so that it can be edited field by field where its author gave none."""
    if not isinstance(proposal, Mapping) or not proposal:
        return {}
    parts = {key: _part(key, value, proposal.get("currency")) for key, value in proposal.items()}
    return {"type": "object", "properties": parts, "required": list(parts)}


def _part(key: str, value: Json, currency: Json) -> Schema:
    if key.endswith("_micros") and type(value) is int and currency:
        return {"type": "integer", "format": MICROS, "title": _amount_of(key, currency)}
    kinds = {str: "string", bool: "boolean", int: "number", float: "number"}
    return {"type": kinds[type(value)]} if type(value) in kinds else {}


def _amount_of(key: str, currency: Json) -> str:
    return f"{capfirst(key.removesuffix('_micros').replace('_', ' '))} ({currency})"

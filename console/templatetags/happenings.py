"""What went in and came out, shown safely: any JSON as a tree of keys and values, milliseconds as people say them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base import phrases
from agents.base.personal import told_under
from agents.base.untrusted import plain_untrusted
from agents.runs.enums import RunState
from agents.runs.models import Step
from agents.runs.queries.explain import passages
from audit.verbs import label
from console.pages.runs.fates import KINDS, Fate, step_fate

register = template.Library()
register.filter(passages)
DEEPEST, MOST, LONGEST = 6, 60, 6000


@register.filter
def tree(value: Any, depth: int = 0) -> SafeString:
    """JSON as nested lists. All of it may come from an agent: every key and every text is shown as plain text."""
    if depth >= DEEPEST and isinstance(value, Mapping | list):
        return format_html("<code>{}</code>", plain_untrusted(json.dumps(value, ensure_ascii=False), LONGEST))
    if isinstance(value, Mapping):
        shown = [(str(key), told_under(str(key), item)) for key, item in list(value.items())[:MOST]]
        rows = ((plain_untrusted(key, LONGEST), tree(item, depth + 1)) for key, item in shown)
        body = _rows("<dt>{}</dt><dd>{}</dd>", rows)
        return format_html('<dl class="tree">{}{}</dl>', body, _left_out(value, "<dt>…</dt><dd>{}</dd>"))
    if isinstance(value, list):
        items = ((tree(item, depth + 1),) for item in value[:MOST])
        body = _rows("<li>{}</li>", items)
        return format_html('<ul class="tree">{}{}</ul>', body, _left_out(value, "<li>{}</li>"))
    if isinstance(value, str):
        return format_html('<span class="text">{}</span>', plain_untrusted(value, LONGEST))
    return format_html("<code>{}</code>", json.dumps(value))


def _rows(row: str, cells: Any) -> SafeString:
    return format_html_join("", row, cells) or format_html('<span class="muted">{}</span>', _("empty"))


def _left_out(value: Mapping[str, Any] | Sequence[Any], row: str) -> SafeString | str:
    more = len(value) - MOST
    return format_html(row, ngettext("%d more", "%d more", more) % more) if more > 0 else ""


@register.filter
def duration(milliseconds: int) -> str:
    """340 ms, 2.4 s, 3 min 5 s, 8 h 12 min, 2 d 4 h: never more than two units."""
    if milliseconds < 1000:
        return _("%(n)d ms") % {"n": milliseconds}
    seconds = milliseconds / 1000
    if seconds < 60:
        return _("%(n)s s") % {"n": number_format(round(seconds, 1))}
    return _long(round(seconds))


def _long(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, _("%(n)d d")), (hours, _("%(n)d h")), (minutes, _("%(n)d min")), (seconds, _("%(n)d s"))]
    first = next(number for number, (count, _words) in enumerate(parts) if count)
    return " ".join(words % {"n": count} for count, words in parts[first : first + 2] if count)


@register.filter
def said(text: Any) -> str:
    """One line that an agent, a vendor or a file may have written, as plain text."""
    return plain_untrusted(str(text))


@register.filter
def spoken(text: Any) -> Any:
    """What our own flows and workers wrote, in the reader's language; what others wrote stays as it is, and hostile."""
    return phrases.spoken(text) if isinstance(text, str) else text


@register.filter
def kind(name: str) -> str:
    """What a node or an actor is; the engine's own word where a newer release brought one we do not know."""
    return str(KINDS.get(name, name))


@register.filter
def fate(step: Step) -> Fate:
    return step_fate(step)


@register.filter
def verb(name: str) -> str:
    """What a verb of the trail means."""
    return label(name)


@register.filter
def verdicts(record: Any) -> list[Mapping[str, Any]]:
    """The guardrails' verdicts of a pass record, whichever way it lists them."""
    found = record.get("verdicts", []) if isinstance(record, Mapping) else record
    return [verdict for verdict in found if isinstance(verdict, Mapping)] if isinstance(found, list) else []


@register.filter
def rest(output: Any) -> Any:
    """An output without what is shown as a table or as quotations."""
    if not isinstance(output, Mapping):
        return output
    shown = {name for name, given in (("passages", passages(output)), ("verdicts", verdicts(output))) if given}
    return {name: value for name, value in output.items() if name not in shown}


@register.filter
def run_state(name: str) -> str:
    """What a state of runs is called, where only its key is at hand."""
    return str(dict(RunState.choices).get(name, name))


@register.filter
def filled(step: Step, windows: Mapping[str, int]) -> dict[str, int] | None:
    """How much of its model's window a step's call filled, question and answer; None where the window is not known."""
    if not (window := windows.get(step.model)):
        return None
    used = step.tokens_in + step.tokens_out
    return {"used": used, "window": window, "percent": round(100 * used / window)}


@register.filter
def named(names: Mapping[str, str], key: str) -> str:
    """What a key is called; the key's absence shows as a dash."""
    return names.get(key, "–")

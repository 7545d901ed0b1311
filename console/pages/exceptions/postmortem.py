"""An incident as a Markdown page for those who were not there."""

import datetime as dt
import re
from collections.abc import Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.base.phrases import spoken
from agents.base.untrusted import plain_untrusted
from agents.runs.models import Incident
from agents.runs.queries.incidents import agents_of, timeline

MARKUP = re.compile(r"([\\`*_\[\]#|<>~])")


def postmortem(incident: Incident, customers: int) -> str:
    """Facts, resolution, lessons, runbook and timeline. What agents and people wrote is escaped: it is text.

    How many `customers` were affected is told, and of none who it is: the page leaves the house.
    """
    return "\n".join(_lines(incident, customers)) + "\n"


def _lines(incident: Incident, customers: int) -> Iterator[str]:
    yield f"# {_('Incident %(number)d') % {'number': incident.number}}: {_text(incident.title)}"
    yield ""
    for name, value in (*_facts(incident), (_("Customers affected"), str(customers))):
        yield f"- **{name}:** {value}"
    for heading, text in ((_("What was done"), incident.resolution), (_("What we change"), incident.lessons)):
        yield from ("", f"## {heading}", "", _text(text) or "–")
    yield from ("", f"## {_('Exceptions')}", "")
    for each in incident.exceptions.select_related("agent").order_by("opened_at"):
        title = _text(spoken(each.title))
        yield f"- {_when(each.opened_at)} · {_text(str(each.agent))} · {each.get_kind_display()} · {title}"
    yield from ("", f"## {_('Runbook')}", "")
    for task in incident.tasks.order_by("place"):
        yield f"- [{'x' if task.done_at else ' '}] {_text(spoken(task.text))}"
    yield from ("", f"## {_('Timeline')}", "")
    for moment in timeline(incident):
        said = " · ".join(filter(None, (moment.what or _text(moment.text), _text(moment.about))))
        yield f"- {_when(moment.at)} · {_text(moment.who)} · {said}"


def _facts(incident: Incident) -> Iterator[tuple[str, str]]:
    yield _("Severity"), str(incident.get_severity_display())
    yield _("Security"), _("yes") if incident.is_security else _("no")
    yield _("State"), str(incident.get_state_display())
    yield _("Led by"), _text(str(incident.commander))
    yield _("Agents"), ", ".join(_text(str(agent)) for agent in agents_of(incident))
    yield _("Opened"), _when(incident.opened_at)
    yield _("Contained"), _when(incident.contained_at)
    yield _("Resolved"), _when(incident.resolved_at)
    yield _("What was behind it"), str(incident.get_root_cause_display() or "–")


def _when(moment: dt.datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "–"


def _text(text: str) -> str:
    """One line, its markup escaped."""
    return MARKUP.sub(r"\\\1", plain_untrusted(" ".join(text.split()), len(text) or 1))

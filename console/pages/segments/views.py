"""Which agent writes to whom: the rules in words, somebody tried on them, the last month, every version; the form."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agents.channels.actions import set_segments
from agents.channels.actions.segmenting import check
from agents.channels.enums import Fact
from agents.channels.models import Segmentation
from agents.channels.permissions import may_segment, require_segment_maker
from agents.channels.queries import figures, replay, rules_in_force, versions, who_gets
from agents.channels.segments import Rule, digest
from console.forms import attempt
from console.pages.segments.forms import ContactForm, RulesFormSet, VersionForm, agents_of, rows_of, rules_of
from console.request import PaneRequest

HISTORY = 20


@require_GET
def segments(request: PaneRequest) -> HttpResponse:
    history = list(versions(request.team)[:HISTORY])
    held = history[0] if history else None
    past = replay(request.team, held.rules) if held else None
    asked = any(fact in request.GET for fact in Fact)
    contact = ContactForm(request.GET if asked else None)
    told = {
        "held": held,
        "history": history,
        "contact": contact,
        "got": who_gets(held.rules, contact.facts) if held and contact.is_valid() else None,
        "past": past,
        "lines": list(zip(held.rules, past.taken, strict=True)) if held and past else [],
        "figures": figures(request.team) if held else {},
        "may": may_segment(request.user, request.team),
    }
    return render(request, "pages/segments/segments.html", told)


@require_http_methods(["GET", "POST"])
def change(request: PaneRequest) -> HttpResponse:
    """Tried first: what would have become of the contacts of the last month; then the same rules may be kept."""
    require_segment_maker(request.user, request.team)
    held = rules_in_force(request.team)
    given = request.POST if request.method == "POST" else None
    start = {"window_hours": held.window_hours if held else 48, "seen": held.number if held else 0}
    version = VersionForm(given, initial=start)
    rows = RulesFormSet(given, initial=rows_of(held), prefix="rule", form_kwargs={"agents": agents_of(request.team)})
    told: dict[str, Any] = {"version": version, "rows": rows, "held": held}
    if given is None:
        return render(request, "pages/segments/change.html", told)
    if right := rows.is_valid() and version.is_valid():
        if given.get("do") != "save":
            told |= attempt(version, lambda: _tried(request, version, rules_of(rows))) or {}
        elif attempt(version, lambda: _save(request, version, rules_of(rows))):
            messages.success(request, _("Saved. The rules hold from now on."))
            return redirect("segments")
    return render(request, "pages/segments/change.html", told, status=200 if right and version.is_valid() else 422)


def _save(request: PaneRequest, version: VersionForm, rules: list[Rule]) -> Segmentation:
    return set_segments(request.team, actor=request.user, rules=rules, **version.cleaned_data)


def _tried(request: PaneRequest, version: VersionForm, rules: list[Rule]) -> dict[str, Any]:
    hours = version.cleaned_data["window_hours"]
    agents = check(request.team, rules, hours)
    named = [replace(rule, name=agents[rule.agent].name) for rule in rules]
    found = replay(request.team, named)
    given = request.POST.copy()
    given["tried"] = digest(rules, hours)
    return {"version": VersionForm(given), "past": found, "lines": list(zip(named, found.taken, strict=True))}

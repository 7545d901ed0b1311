"""The team's policy: read, tried on what was published, changed, and every version there was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.fleet.actions import require_policy_role, set_policy, writes_policies
from agents.fleet.enums import Verb
from agents.fleet.models import PolicyVersion
from agents.fleet.permissions import agents_for
from agents.fleet.queries.policies import differing, versions
from agents.runs.queries.judging import Differences, differences
from agents.runs.queries.spared import spared
from console.forms import accepted
from console.pages.policy.forms import PolicyForm, initial_of
from console.request import PaneRequest

SHOWN = 20


@dataclass(frozen=True)
class Row:
    """A version, and the rules in which it differs from the one before: label, before, after."""

    version: PolicyVersion
    changes: list[tuple[str, Any, Any]]


@require_http_methods(["GET", "POST"])
def policy_page(request: PaneRequest) -> HttpResponse:
    """What holds, and the form to change it; sent with `try`, it only says what would be different."""
    sent = request.method == "POST"
    if sent:
        require_policy_role(request.user, request.team)
    rows = list(versions(request.team.pk)[: SHOWN + 1])
    held = rows[0] if rows else None
    given = (held.statement, held.rules, held.number) if held else ("", {}, 0)
    form = PolicyForm(request.POST if sent else None, initial=initial_of(*given))
    if sent and request.POST.get("do") == "try":
        return _page(request, form, rows, _tried(request, form, given[1]))
    if sent and accepted(form, lambda: _set(request, form)):
        messages.success(request, _("Saved. It holds from the next step that asks for it."))
        return redirect("policy")
    return _page(request, form, rows)


@require_POST
def restore(request: PaneRequest, number: int) -> HttpResponse:
    """An earlier version again, as a new one."""
    require_policy_role(request.user, request.team)
    kept = versions(request.team.pk).filter(number=number).first()
    if kept is None:
        raise Http404
    set_policy(request.team, statement=kept.statement, rules=kept.rules, actor=request.user)
    messages.success(request, _("Version %(number)d holds again, as a new version.") % {"number": number})
    return redirect("policy")


def _set(request: PaneRequest, form: PolicyForm) -> PolicyVersion:
    said = form.cleaned_data
    return set_policy(
        request.team, statement=said["statement"], rules=form.rules, actor=request.user, seen=said["seen"]
    )


def _tried(request: PaneRequest, form: PolicyForm, before: dict[str, Any]) -> Differences | None:
    """None where the form is not right yet; it then says why."""
    if not form.is_valid():
        return None
    return differences(agents_for(request.user, Verb.VIEW).filter(team=request.team), before, form.rules)


def _page(
    request: PaneRequest, form: PolicyForm, rows: list[PolicyVersion], tried: Differences | None = None
) -> HttpResponse:
    told = {
        "form": form,
        "may": writes_policies(request.user, request.team),
        "tried": tried,
        "held": rows[0] if rows else None,
        "history": list(_history(rows)),
        "spared": spared(request.team.pk),
    }
    return render(request, "pages/policy/policy.html", told, status=422 if form.errors else 200)


def _history(rows: list[PolicyVersion]) -> Iterator[Row]:
    for place, version in enumerate(rows[:SHOWN]):
        before = rows[place + 1].rules if place + 1 < len(rows) else {}
        yield Row(version, [(_label(name), *pair) for name, pair in differing(before, version.rules).items()])


def _label(name: str) -> str:
    """What people call a rule."""
    others = {"tone": _("Tone"), "guardrails": _("Guardrails"), "second_person_above": _("Second person above")}
    field = PolicyForm.base_fields.get(name)
    return str(field.label) if field else others.get(name, name)

"""Standing rules: made from a decision, approved by a second person, listed with what they did, revoked."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.base.errors import Conflict, Invalid
from agents.base.money import format_money
from agents.base.phrases import spoken
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for, require, verbs_on
from agents.people.models import User
from agents.runs.actions.firing import decide_open
from agents.runs.actions.rules import AS_RULE, approve_rule, drafted, propose_rule, restore_rule, revoke_rule
from agents.runs.conditions import Is
from agents.runs.enums import RuleState
from agents.runs.models import Decision, RunException, StandingRule
from agents.runs.queries.rules import firings, may_restore, pending, rules_for, still_open
from console.pages.queue.rule_form import SAME, RuleForm, is_amount, label
from console.request import PaneRequest, with_messages

SHOWN = 50


@require_safe
def rules(request: PaneRequest) -> HttpResponse:
    """Every rule of the agents the person may see."""
    return render(request, "pages/queue/rules.html", {"rules": rules_for(request.user, request.team)})


@require_safe
def rule(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """When it decides what, on whose authority, what it would have done and what it did."""
    found = get_object_or_404(rules_for(request.user, request.team), pk=pk)
    differing = RunException.objects.filter(pk__in=found.replay.get("differs", [])[:SHOWN]).select_related("item")
    context = {
        **keyed(request.user, found),
        "conditions": in_words(found),
        "differing": differing,
        "firings": firings(found)[:SHOWN],
        "pending": pending(found),
        "still_open": still_open(found) if found.state in (RuleState.PROPOSED, RuleState.ACTIVE) else [],
        "may_review": Verb.REVIEW in verbs_on(request.user, found.agent),
    }
    return render(request, "pages/queue/rule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The form, with what the rule would have decided; kept when that was seen and it is proposed."""
    origin = _origin(request, pk)
    form = RuleForm(origin.item.exception, request.POST or None)  # type: ignore[union-attr, arg-type]
    if request.method == "POST" and form.is_valid() and "propose" in request.POST:
        made = _attempt(form, lambda: propose_rule(origin, actor=request.user, **form.wanted()))
        if made:
            messages.success(request, _("Proposed: another of the agent’s people has to approve it."))
            return redirect("queue-rule", pk=made.pk)
    return _form(request, origin, form)


def _form(request: PaneRequest, origin: Decision, form: RuleForm) -> HttpResponse:
    """With the replay of what the form says; an unsent form says what the decision suggests."""
    tried = form
    if not form.is_bound:
        tried = RuleForm(form.exception, {name: form[name].value() for name in form.fields})
    draft = None
    if not form.errors and tried.is_valid():
        draft = _attempt(form, lambda: drafted(origin, actor=request.user, **tried.wanted()))
    differing = RunException.objects.filter(pk__in=draft.replay["differs"][:SHOWN] if draft else [])
    context = {
        "origin": origin,
        "exception": form.exception,
        "form": form,
        "draft": draft,
        "still_open": still_open(draft) if draft else [],
        "differing": differing.select_related("item"),
    }
    return render(request, "pages/queue/rule_new.html", context, status=422 if form.is_bound and form.errors else 200)


def _attempt(form: RuleForm, act: Callable[[], StandingRule]) -> StandingRule | None:
    """The rule; or None, with what is wrong said on the form."""
    try:
        return act()
    except Invalid as error:
        form.problems = [said for each in error.fields.values() for said in each] or [error.message]
        if form.is_bound:
            _tell(form, error)
    return None


def _tell(form: RuleForm, error: Invalid) -> None:
    """At its field what is wrong with one, above them what is wrong with the conditions."""
    for name, problems in (error.fields or {"": [error.message]}).items():
        form.add_error(name if name in form.fields else None, problems)


@require_POST
def approve(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_visible(request), pk=pk)
    try:
        approve_rule(found, actor=request.user)
        messages.success(request, _("In force from now on."))
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("queue-rule", pk=pk)


@require_POST
def decide_rest(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """It decides what was open before it, too."""
    found = get_object_or_404(_visible(request), pk=pk)
    try:
        decided, left = decide_open(found, actor=request.user, grace_s=settings.DECISION_GRACE)
        messages.success(
            request, _("Decided: %(decided)d. Left to people: %(left)d.") % {"decided": decided, "left": left}
        )
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("queue-rule", pk=pk)


@require_POST
def revoke(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    found = revoke_rule(get_object_or_404(_visible(request), pk=pk), actor=request.user)
    messages.success(request, _("Revoked: from now on people are asked again."))
    return _moved(request, found)


@require_POST
def restore(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Takes the revocation back that the person has just made."""
    found = get_object_or_404(_visible(request), pk=pk)
    try:
        found = restore_rule(found, actor=request.user)
        messages.success(request, _("Taken back: the rule is what it was."))
    except Conflict as error:
        messages.error(request, error.message)
    return _moved(request, found)


def _moved(request: PaneRequest, rule: StandingRule) -> HttpResponse:
    """Its page; for htmx, which stays where the rule was named, only the key with what it does now."""
    if not request.headers.get("HX-Request"):
        return redirect("queue-rule", pk=rule.pk)
    drawn = render(request, "pages/queue/rule_key.html", keyed(request.user, rule) | {"inline": True})
    return with_messages(request, drawn)


def keyed(user: User, rule: StandingRule) -> dict[str, Any]:
    """What the key of a rule is drawn with."""
    return {"rule": rule, "restorable": may_restore(user, rule)}


def in_words(rule: StandingRule) -> list[tuple[str, str, str]]:
    """Field, comparison, value: the question by its title, amounts as money."""
    return [
        (label(each["field"], rule.kind), str(Is(each["is"]).label), _value(rule, **each)) for each in rule.conditions
    ]


def _value(rule: StandingRule, field: str, value: str, **_rest: str) -> str:
    if field == SAME:
        asked = RunException.objects.filter(agent=rule.agent, fingerprint=value).order_by("-opened_at").first()
        return spoken(asked.title) if asked else value[:12]
    return format_money(int(value), rule.agent.currency) if is_amount(field) and value.isdecimal() else value


def _visible(request: PaneRequest) -> QuerySet[StandingRule]:
    mine = agents_for(request.user, Verb.VIEW)
    return StandingRule.objects.filter(agent__team=request.team, agent__in=mine).select_related("agent")


def _origin(request: PaneRequest, pk: uuid.UUID) -> Decision:
    """Raises Http404 for a stranger, NotAllowed for who may only read."""
    seen = agents_for(request.user, Verb.VIEW)
    found = Decision.objects.filter(item__agent__team=request.team, item__agent__in=seen, kind__in=AS_RULE)
    origin = get_object_or_404(found.select_related("item__exception__agent", "item__agent", "actor"), pk=pk)
    if origin.item is None or origin.item.exception is None:
        raise Http404
    require(request.user, origin.item.agent, Verb.REVIEW)
    return origin

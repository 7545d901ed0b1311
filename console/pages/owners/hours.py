"""When people work and what they answer for: what decides who of an agent's people is asked first."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.fleet.enums import Function
from agents.people.actions import set_availability
from agents.people.actions.availability import Available
from agents.people.enums import Language
from agents.people.models import Availability, User
from agents.people.permissions import PEOPLE_ROLES, holds
from agents.people.queries import members
from console.forms import accepted
from console.request import PaneRequest

WEEKDAYS = [
    (1, gettext_lazy("Monday")),
    (2, gettext_lazy("Tuesday")),
    (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")),
    (5, gettext_lazy("Friday")),
    (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
]


class Ticks(forms.TypedMultipleChoiceField):
    """Some of a few; none is no limit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **options)


class Clock(forms.TimeField):
    """A time of day, as a browser sends it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"), **options)


class AvailabilityForm(forms.Form):
    """Everything may stay empty: then the person is asked at any hour, in any language, about any agent."""

    days = Ticks(label=gettext_lazy("Works on"), choices=WEEKDAYS, coerce=int)
    starts = Clock(label=gettext_lazy("From"))
    ends = Clock(label=gettext_lazy("Until"), help_text=gettext_lazy("Before the beginning: the next morning."))
    languages = Ticks(label=gettext_lazy("Answers in"), choices=Language.choices)
    functions = Ticks(label=gettext_lazy("Answers for"), choices=Function.choices)
    most_open = forms.IntegerField(
        label=gettext_lazy("Open items at most"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=gettext_lazy("With as many open, others are asked first."),
    )


@require_http_methods(["GET", "POST"])
def hours(request: PaneRequest) -> HttpResponse:
    """Everybody's; the form is one's own, or with `person` somebody else's."""
    person = _person(request)
    kept = Availability.objects.filter(user=person).first()
    if request.method == "GET":
        return _page(request, person, AvailabilityForm(initial=vars(kept) if kept else {}))
    form = AvailabilityForm(request.POST)
    if accepted(form, lambda: set_availability(person, Available(**form.cleaned_data), actor=request.user)):
        messages.success(request, _("Saved. It holds from the next item on."))
        return redirect(reverse("hours", query={"person": person.pk}))
    return _page(request, person, form, status=422)


def _person(request: PaneRequest) -> User:
    wanted = request.GET.get("person")
    if not wanted:
        return request.user
    form = forms.UUIDField(required=False)
    try:
        pk = form.clean(wanted)
    except forms.ValidationError:
        pk = None
    return get_object_or_404(members(request.team), user__pk=pk, user__is_active=True).user


def _page(request: PaneRequest, person: User, form: AvailabilityForm, status: int = 200) -> HttpResponse:
    leads = holds(request.user, request.team.pk, PEOPLE_ROLES)
    people = members(request.team).filter(user__is_active=True).select_related("user__availability")
    told = {
        "person": person,
        "form": form,
        "may": leads or person == request.user,
        "leads": leads,
        "rows": [(each.user, _says(getattr(each.user, "availability", None))) for each in people],
    }
    return render(request, "pages/owners/hours.html", told, status=status)


def _says(kept: Availability | None) -> dict[str, str]:
    """Each thing in words; "" where nothing was said."""
    if kept is None:
        return {}
    return {
        "days": _named(WEEKDAYS, kept.days),
        "languages": _named(Language.choices, kept.languages),
        "functions": _named(Function.choices, kept.functions),
        "hours": f"{kept.starts:%H:%M} – {kept.ends:%H:%M}" if kept.starts and kept.ends else "",
        "most_open": str(kept.most_open or ""),
    }


def _named(choices: Any, chosen: Any) -> str:
    return ", ".join(str(label) for value, label in choices if value in chosen)

"""What people type about incidents."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import Containment, RootCause, Severity

TEXT = 10_000


class OpenForm(forms.Form):
    """`alike`: with everything open that is the same again."""

    title = forms.CharField(label=_("What is wrong"), max_length=200)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, initial=Severity.HIGH)
    is_security = forms.BooleanField(label=_("It concerns security"), required=False)
    alike = forms.BooleanField(label=_("With everything open that is the same again"), required=False, initial=True)


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=TEXT, widget=forms.Textarea({"rows": 2}))


class TickForm(forms.Form):
    place = forms.IntegerField(min_value=1)
    done = forms.BooleanField(required=False)


class RateForm(forms.Form):
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)


class LeadForm(forms.Form):
    def __init__(self, *given: Any, people: Sequence[User], **more: Any) -> None:
        super().__init__(*given, **more)
        known = {str(user.pk): user for user in people}
        self.fields["commander"] = forms.TypedChoiceField(
            label=_("Who leads"), choices=[(pk, str(user)) for pk, user in known.items()], coerce=known.__getitem__
        )


class ContainForm(forms.Form):
    by = forms.ChoiceField(label=_("How"), choices=Containment.choices)

    def __init__(self, *given: Any, agents: Sequence[Agent], **more: Any) -> None:
        super().__init__(*given, **more)
        known = {str(agent.pk): agent for agent in agents}
        self.fields["agents"] = forms.TypedMultipleChoiceField(
            choices=[(pk, str(agent)) for pk, agent in known.items()],
            coerce=known.__getitem__,
            error_messages={"required": _("Choose agents of this incident.")},
        )


class ResolveForm(forms.Form):
    root_cause = forms.ChoiceField(label=_("What was behind it"), choices=[("", "–"), *RootCause.choices])
    resolution = forms.CharField(label=_("What was done"), max_length=TEXT, widget=forms.Textarea({"rows": 3}))
    lessons = forms.CharField(
        label=_("What we change, so that it does not come again"),
        max_length=TEXT,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *given: Any, unticked: int, **more: Any) -> None:
        super().__init__(*given, **more)
        if unticked:
            told = ngettext("%(n)d step is not ticked.", "%(n)d steps are not ticked.", unticked) % {"n": unticked}
            why = forms.CharField(label=_("Why steps stay undone"), max_length=300, required=False, help_text=told)
            self.fields["undone"] = why


class RunbookForm(forms.Form):
    """What to do about one kind of exception, a step a line."""

    text = forms.CharField(
        label=_("Steps"),
        max_length=TEXT,
        required=False,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("One a line."),
    )

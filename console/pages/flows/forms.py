"""Trying a flow: by which agent, and on what. The fields are those of the flow's own input schema."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.base.ids import uuid7
from agents.engine import Json
from agents.fleet.models import Agent
from agents.flows.patterns import HEAVY
from agents.flows.recipe import Recipe

LABELS = {
    "text": _("What it is to work on"),
    "tasks": _("Tasks, one a line"),
    "customer": _("Customer"),
    "channel": _("Channel"),
    "thread": _("Conversation"),
    "role": _("Role"),
    "contact": _("What is known of the person, one a line: “company: Acme”"),
}
FIELD = "input-"


class TryForm(forms.Form):
    """`key` makes a second click the same run."""

    agent = forms.ModelChoiceField(
        label=_("Agent"),
        queryset=Agent.objects.none(),
        to_field_name="slug",
        empty_label=None,
        error_messages={"invalid_choice": _("Choose an agent from the list.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def __init__(self, *args: Any, recipe: Recipe, agents: QuerySet[Agent], **options: Any) -> None:
        super().__init__(*args, **options)
        self.recipe = recipe
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        for name in recipe.input["properties"]:
            self.fields[f"{FIELD}{name}"] = self._field(name)
        if recipe.graph.pattern in HEAVY:
            self.fields["because"] = forms.CharField(label=_("Why this and nothing lighter"), max_length=300)

    def _field(self, name: str) -> forms.Field:
        given = self.recipe.example.get(name, "")
        if options := self.recipe.input["properties"][name].get("enum"):
            return forms.ChoiceField(label=LABELS[name], choices=[(one, one) for one in options], initial=given)
        return forms.CharField(
            label=LABELS[name],
            max_length=20_000,
            required=name in self.recipe.input["required"],
            initial=_lines(given),
            widget=forms.Textarea({"rows": 5}),
        )

    def given(self) -> dict[str, Json]:
        """The run's input: lists and objects from their lines, nothing for what was left empty."""
        typed = {name: self.cleaned_data[f"{FIELD}{name}"] for name in self.recipe.input["properties"]}
        return {name: self._value(name, text) for name, text in typed.items() if text}

    def _value(self, name: str, text: str) -> Json:
        kind = self.recipe.input["properties"][name]["type"]
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if kind == "object":
            return {name.strip(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
        return lines if kind == "array" else text


def _lines(given: Json) -> str:
    """A value of an example as people would type it."""
    if isinstance(given, dict):
        return "\n".join(f"{name}: {value}" for name, value in given.items())
    return "\n".join(given) if isinstance(given, list) else str(given)

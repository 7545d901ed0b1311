"""The policy in plain fields: what a text may say, how, up to which amount, and what happens when it does not fit."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.base.phrases import spoken
from agents.engine.guardrails import Guardrail
from agents.fleet.policy import LEAST_KEPT_DAYS, MOST_DAYS, MOST_HOURS, MOST_MINUTES
from agents.runs.guards.rules import LANGUAGES, guardrails
from console.forms import LinesField
from console.pages.policy.choices import CHECKS, FALLBACKS, GRADED, MOOD_NAMES, NAMES, OVERFLOWS, TONES
from console.pages.policy.lines import (
    ConflictsField,
    ModelRulesField,
    PairsField,
    RubricField,
    SamplesField,
    SecondsField,
    SharesField,
    TokenLimitsField,
    VoicesField,
)

Rules = Mapping[str, Any]


class PolicyForm(forms.Form):
    """Empty fields are no rule. `seen`: the version that was on the page."""

    statement = forms.CharField(
        label=_("In plain words"),
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What holds, and why."),
    )
    prohibited_terms = LinesField(label=_("Terms that are never used"), help_text=_("One a line."))
    legal_words = LinesField(
        label=_("Words that touch the law"), help_text=_("One a line; a person decides. None: as shipped.")
    )
    disclosures = PairsField(label=_("What may not be left out"), help_text=_("A line each: invest: capital at risk"))
    known_addresses = LinesField(
        label=_("Addresses and numbers that may be given"), help_text=_("One a line; any other is personal data.")
    )
    allowed_tools = LinesField(
        label=_("Tools that a plan may use"), help_text=_("One a line; none: as the flow ships.")
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=list(NAMES.items()), widget=forms.CheckboxSelectMultiple
    )
    tone_en = forms.ChoiceField(label=_("Tone in English"), choices=TONES, required=False)
    tone_es = forms.ChoiceField(label=_("Tone in Spanish"), choices=TONES, required=False)
    tone_pt = forms.ChoiceField(label=_("Tone in Portuguese"), choices=TONES, required=False)
    exclamations = forms.IntegerField(label=_("Exclamation marks at most"), min_value=0, max_value=99, required=False)
    voices = VoicesField(
        label=_("Tone by brand and region"),
        help_text=_(
            "A line each, * for any: Alpina / MX: es informal, ! 0, never cheap. A run’s input says brand and region,"
            " or country."
        ),
    )
    longest_reply = forms.IntegerField(label=_("Characters at most"), min_value=1, max_value=20_000, required=False)
    most_amount = forms.FloatField(label=_("Largest amount a text may name"), min_value=0, required=False)
    most_percent = forms.FloatField(label=_("Largest percentage a text may name"), min_value=0, required=False)
    least_confidence = forms.FloatField(
        label=_("Least confidence of an agent that goes on by itself"),
        min_value=0,
        max_value=1,
        required=False,
        help_text=_("From 0 to 1; none: as the flow ships."),
    )
    step_confidence = SharesField(
        label=_("Least confidence of each step that asks a model"),
        help_text=_(
            "A line each, by role or * for all: classifier: 0.8. Below it another model is asked, then the step counts"
            " as failed and the flow takes another route or a person; none: steps are not asked how sure they are."
        ),
    )
    most_refund = forms.FloatField(
        label=_("Largest refund an agent decides by itself"),
        min_value=0,
        required=False,
        help_text=_("None: as the flow ships."),
    )
    moods = forms.MultipleChoiceField(
        label=_("Customers who go to a person at once"),
        choices=list(MOOD_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None: those who are angry."),
    )
    empathy_words = LinesField(
        label=_("Words that want empathy"),
        help_text=_(
            "One a line, as customers say them: they go to a person however sure an agent is. None: as shipped."
        ),
    )
    angry_turns = forms.IntegerField(
        label=_("Furious messages of a customer after which a person is asked"),
        min_value=0,
        max_value=3,
        required=False,
        help_text=_("Of the last three, whoever’s agent it is; 0: never. None: one."),
    )
    personal_attributes = LinesField(
        label=_("Facts of a person that a letter may use"),
        help_text=_("One a line, the most important first; none: name, company, country, language, industry."),
    )
    most_personal_facts = forms.IntegerField(
        label=_("Facts of one person in a letter, at most"),
        min_value=0,
        max_value=50,
        required=False,
        help_text=_("None: three."),
    )
    rubric = RubricField(
        label=_("What judges mark a text by"),
        help_text=_("A line each: complete × 3: Does it answer everything? None: the rubric that ships."),
    )
    pass_mark = forms.FloatField(
        label=_("Mark that passes"), min_value=0.01, max_value=1, required=False, help_text=_("From 0 to 1.")
    )
    samples = SamplesField(
        label=_("What people look at by lot"),
        help_text=_(
            "A line each, by agent, by flow, or * for all: refund-agent > 50: 10 % before. Above an amount or of all"
            " that left, before it leaves (agents of ours) or after."
        ),
    )
    model_rules = ModelRulesField(
        label=_("Which model is asked"),
        help_text=_("A line each, the first that fits decides: writer > 2000: premium, or *: cheap"),
    )
    token_limits = TokenLimitsField(
        label=_("Tokens that one call may take"),
        help_text=_("A line each, the lowest that fits holds: refund-agent/writer: 2000, or *: 8000"),
    )
    channel_seconds = SecondsField(
        label=_("Seconds a channel waits for an answer"),
        help_text=_("A line each, by the name in a run’s input: chat: 30, or *: 600. Plans are held against it."),
    )
    least_passed = forms.FloatField(
        label=_("Share of runs whose texts pass at once"),
        min_value=0.01,
        max_value=1,
        required=False,
        help_text=_("Below it plans try better models, another route, a person. None: 0.5."),
    )
    answers_kept_minutes = forms.IntegerField(
        label=_("Minutes an answer may be given again"), min_value=0, max_value=MOST_MINUTES, required=False
    )
    breaker_percent = forms.IntegerField(
        label=_("Share of failed runs that pauses an agent, in %"),
        min_value=1,
        max_value=100,
        required=False,
        help_text=_("Of at least ten in an hour; empty: 50. After it is resumed, its next run decides."),
    )
    memory_conflicts = ConflictsField(
        label=_("Who holds when two agents write one thing"),
        help_text=_("A line each: promise: last, or *: person. First, last, merge or person; none: the first."),
    )
    drift_checks = forms.ChoiceField(label=_("Long work is held against its goal"), choices=CHECKS, required=False)
    overflow = forms.ChoiceField(label=_("Data that do not fit a model"), choices=OVERFLOWS, required=False)
    low_urgent_after_hours = forms.IntegerField(
        label=_("Hours after which what is open with low severity becomes medium"),
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        help_text=_("None: 8."),
    )
    medium_urgent_after_hours = forms.IntegerField(
        label=_("Hours after which what is open with medium severity becomes high"),
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        help_text=_("None: 24."),
    )
    remembered_days = forms.IntegerField(
        label=_("Days agents remember what they did for a customer"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Only of customers named by address; none: nothing is remembered."),
    )
    traces_kept_days = forms.IntegerField(
        label=_("Days the texts of steps are kept after a run’s end"),
        min_value=LEAST_KEPT_DAYS,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Six months at least; facts, cost and the trail stay. None: for ever."),
    )
    storage_gb_month = forms.FloatField(
        label=_("What a gigabyte of storage costs a month"), min_value=0, required=False, help_text=_("In US dollars.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.shipped = guardrails({})
        for number, one in enumerate(self.shipped):
            label = _("When “%(name)s” says no") % {"name": spoken(one.name)}
            self.fields[f"fallback_{number}"] = forms.ChoiceField(label=label, choices=FALLBACKS)
            if one.name in GRADED:
                label = _("Least share for “%(name)s”") % {"name": spoken(one.name)}
                self.fields[f"threshold_{number}"] = forms.FloatField(label=label, min_value=0.01, max_value=1)

    @property
    def rules(self) -> dict[str, Any]:
        """What was typed, as the policy's rules; what is left empty is left out."""
        said = self.cleaned_data
        plain = {name: said[name] for name in PLAIN if said[name] not in (None, [], {}, "")}
        tone = {code: said[f"tone_{code}"] for code in LANGUAGES if said[f"tone_{code}"]}
        told = {one.name: self._told(number, one) for number, one in enumerate(self.shipped)}
        changed = {name: each for name, each in told.items() if each}
        return plain | ({"tone": tone} if tone else {}) | ({"guardrails": changed} if changed else {})

    def _told(self, number: int, shipped: Guardrail) -> dict[str, Any]:
        """Where a guardrail is not as it ships."""
        said = self.cleaned_data
        found: dict[str, Any] = {}
        if said[f"fallback_{number}"] != shipped.fallback:
            found["fallback"] = said[f"fallback_{number}"]
        if said.get(f"threshold_{number}", shipped.threshold) != shipped.threshold:
            found["threshold"] = said[f"threshold_{number}"]
        return found


PLAIN = tuple(name for name in PolicyForm.base_fields if not name.startswith(("tone_", "seen", "statement")))


def initial_of(statement: str, rules: Rules, number: int) -> dict[str, Any]:
    """The fields as this version fills them."""
    tones = {f"tone_{code}": rules.get("tone", {}).get(code, "") for code in LANGUAGES}
    told: dict[str, Any] = {}
    for place, one in enumerate(guardrails(rules)):
        told |= {f"fallback_{place}": one.fallback.value, f"threshold_{place}": one.threshold}
    plain = {"languages": list(LANGUAGES)} | {name: rules[name] for name in PLAIN if name in rules}
    return {"statement": statement, "seen": number, **plain, **tones, **told}

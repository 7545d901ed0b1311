"""The page on which a person answers: what would happen, what the agent says, how it came to it, and the form."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.base.ids import uuid7
from agents.connectors.registry import of
from agents.runs.actions.holding import seen_sha256
from agents.runs.actions.rules import no_rule
from agents.runs.answers import HELD, LATER, choices, proposes
from agents.runs.budgets import known_budgets
from agents.runs.causes import guess, wants_cause
from agents.runs.enums import STANDING, DecisionKind, DecisionState, ExceptionKind, ExceptionState, RootCause
from agents.runs.models import Budget, Decision, RunException, Step
from agents.runs.queries.alike import alike
from agents.runs.ranking import reasons
from agents.runs.schemas import is_beyond_judging, is_checked_in_part
from console.evidence import in_words, links
from console.pages.exceptions.answer import AnswerForm, sound
from console.pages.exceptions.fields import Schema
from console.pages.exceptions.known import Known, held
from console.pages.exceptions.past import Past, past
from console.pages.exceptions.proposal import Change, Line, differences, lines, shape

K = DecisionKind
MOST_ALIKE = 100


@dataclass
class AnswerPage:
    """An exception as one reader sees it. `data` and `note` keep what was typed, `problem` what was wrong with it."""

    exception: RunException
    may_review: bool
    may_configure: bool = False
    known: Known = field(default_factory=lambda: Known({}, [], []))
    data: Any = None
    note: str = ""
    key: str = ""
    problem: str = ""
    note_errors: tuple[str, ...] = ()
    judged: bool = True
    """Whether what is filled in is what was sent, and is told what is wrong with it."""
    status: int = 200
    action: str = ""
    """Where the answer is sent."""
    taken_back: Decision | None = None
    """What the reader decided last and has undone: the form begins with it."""
    begun: str = ""
    """An agent's proposal that the reader wants to begin with."""

    def __post_init__(self) -> None:
        self.key = self.key or str(uuid7())
        self.note = self.note or (self.taken_back.note if self.taken_back and self.data is None else "")
        if self.begun and self.form is None:
            self.note = self.note or self.begun
        self.action = self.action or reverse("exception-decide", args=[self.exception.pk])

    @property
    def is_open(self) -> bool:
        return self.exception.state == ExceptionState.OPEN

    @cached_property
    def kinds(self) -> list[DecisionKind]:
        """The decisions on offer. Where an edit is a form, answering with the same form is not offered twice."""
        offered = choices(self.exception) if self.is_open and self.may_review else ()
        if self.held:
            return [kind for kind in offered if kind in (*HELD, *LATER)]
        return [kind for kind in offered if not (kind is K.RESPOND and self.proposes and self.schema)]

    @cached_property
    def proposes(self) -> bool:
        return proposes(self.exception)

    @cached_property
    def schema(self) -> Schema:
        """Of the answer that is asked for; empty where none came, or none that can be drawn."""
        return sound(self.exception.schema)

    @property
    def is_unreadable(self) -> bool:
        """Whether it came with a form of its own that cannot be drawn, so that words are the answer."""
        return bool(self.exception.schema) and not self.schema

    @property
    def is_checked_in_part(self) -> bool:
        """Whether its form says something that what is filled in is not held against."""
        return is_checked_in_part(self.schema)

    @property
    def is_not_checked(self) -> bool:
        """Whether the answer, or before there is one what it begins with, cannot be held against its form at all."""
        given = self.final.payload if self.final else None
        if self.is_open:
            given = self.exception.proposal or dict.fromkeys(self.schema.get("properties", ()))
        return given is not None and is_beyond_judging(self.schema, given)

    @cached_property
    def proposal(self) -> list[Line]:
        edited = self.held.payload if self.held else None
        shown = self.exception.proposal if edited is None else edited
        return lines(shown) if shown is not None else []

    @cached_property
    def form(self) -> AnswerForm | None:
        """The proposal to edit, or the answer to fill in; None where the note is the answer."""
        form = self._form()
        if form and not self.judged:
            form.unjudged()
        if form and self.begun:
            form.begin(self.begun)
        return form

    def _form(self) -> AnswerForm | None:
        if self.held:
            return None
        asked, back = self.exception, self.taken_back
        before = back.payload if back and back.kind == (K.EDIT if self.proposes else K.RESPOND) else None
        if self.proposes:
            schema = self.schema or shape(asked.proposal)
            return AnswerForm(schema, self.data, given=asked.proposal if before is None else before)
        given = held(asked.run) if before is None else before
        return AnswerForm(self.schema, self.data, given=given) if self.schema else None

    @cached_property
    def typed(self) -> list[tuple[str, str]]:
        """What was filled in and came too late to be sent: each field's label and words."""
        if self.data is None or self.form is None:
            return []
        return [(str(field.label), words) for field in self.form if (words := _words(field))]

    @cached_property
    def steps(self) -> list[Step]:
        """The run's steps up to the question, those inside others left out."""
        run = self.exception.run
        if run is None:
            return []
        return [step for step in run.steps.order_by("seq") if step.key.count("/") == 1]

    @property
    def evidence(self) -> dict[str, Any]:
        """What was noted beside the path, which shows the step already."""
        noted: dict[str, Any] = self.exception.evidence
        return in_words({name: value for name, value in noted.items() if name != "step" or not self.steps})

    @property
    def leads_to(self) -> list[tuple[str, str]]:
        """Pages that the evidence names."""
        return links(self.exception.evidence)

    @cached_property
    def budgets(self) -> list[Budget]:
        """What the run may spend from, where that is what stopped it and it is still open."""
        run = self.exception.run
        asked = self.is_open and self.exception.kind == ExceptionKind.BUDGET
        return sorted(known_budgets(run), key=lambda each: each.cap_micros) if run and asked else []

    @property
    def deep_link(self) -> str:
        """The agent's own page at its vendor, for what can only be settled there."""
        return of(self.exception.agent, None).deep_link()

    @property
    def reasons_to_skip(self) -> list[str]:
        """One keystroke each; anything else is written into the note."""
        return [
            _("somebody else has to say first"),
            _("more has to be known first"),
            _("it can wait until later today"),
        ]

    @property
    def causes(self) -> list[tuple[str, str, bool]]:
        """What may have been behind it, where whoever closes it says so: value, words, chosen."""
        if not (self.is_open and wants_cause(self.exception)):
            return []
        chosen = (self.data or {}).get("root_cause") or guess(self.exception, self.past.again.cause)
        return [(cause.value, str(cause.label), cause.value == chosen) for cause in RootCause]

    @cached_property
    def past(self) -> Past:
        return past(self.exception)

    @property
    def why(self) -> list[str]:
        return reasons(self.exception.item)

    @cached_property
    def final(self) -> Decision | None:
        """The decision that closed it, if a person did."""
        return next((each for each in self.decisions if each.kind not in LATER and each.state in STANDING), None)

    @cached_property
    def alike(self) -> list[RunException]:
        """What asks the same and is decided with it, unless it is unticked."""
        return list(alike(self.exception)[:MOST_ALIKE]) if self.kinds else []

    @cached_property
    def as_rule(self) -> list[Decision]:
        return [each for each in self.decisions if not no_rule(each)]

    @cached_property
    def held(self) -> Decision | None:
        """What a first person decided and a second has to confirm."""
        held = (each for each in self.decisions if each.state == DecisionState.HELD)
        return next(held, None) if self.is_open else None

    @cached_property
    def escalated(self) -> Decision | None:
        """The escalation that whoever made it may still take back: the last word so far, and nobody has it."""
        last = next((each for each in reversed(self.decisions) if each.state != DecisionState.UNDONE), None)
        if not self.is_open or last is None or last.kind != K.ESCALATE or last.rule_id or not last.payload:
            return None
        item = self.exception.item
        return last if item.claimed_by_id in (None, last.actor_id) and not item.snoozed_until else None

    @cached_property
    def refused(self) -> Decision | None:
        """The last that did not take effect: why not is noted beside the evidence, of this one alone."""
        return next((each for each in reversed(self.decisions) if each.state == DecisionState.REFUSED), None)

    @property
    def sha256(self) -> str:
        """The hash of what would happen if it were approved now."""
        return seen_sha256(self.exception, self.held)

    @property
    def changes(self) -> list[Change]:
        """What a person changed in the proposal before it happened, or before a second person is asked."""
        last = self.held or self.final
        edited = last is not None and last.payload is not None and self.proposes and last.kind in (K.EDIT, K.APPROVE)
        return differences(self.exception.proposal, last.payload) if edited and last else []

    @cached_property
    def decisions(self) -> list[Decision]:
        return list(self.exception.item.decisions.all())


def _words(field: BoundField) -> str:
    """A field's value as its person read it."""
    value = field.value()
    names = dict(getattr(field.field, "choices", ()))
    given = value if isinstance(value, list) else [value]
    return ", ".join(str(names.get(each, each)) for each in given if each not in (None, ""))

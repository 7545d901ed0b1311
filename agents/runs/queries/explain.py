"""Why a run came out as it did: what each answer rests on, and what a bad step spoilt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.runs.enums import STANDING, StepState
from agents.runs.lineage import Lineage
from agents.runs.models import Decision, Output, RunException, Step

DEFECTS = (StepState.FAILED, StepState.UNKNOWN)


@dataclass(frozen=True)
class Why:
    """What one answer rests on. `output` None: the answer is the run's result. Money in micro-units of the run.

    `models` are pairs of model and prompt version, `policy` the number of the policy version it was checked by (None:
    by none), `passages` those it cites, or all it was given where it cites none.
    """

    output: Output | None
    steps: list[Step]
    passages: list[Mapping[str, Any]]
    decisions: list[Decision]

    @property
    def models(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys((step.model, step.prompt_version) for step in self.steps if step.model))

    @property
    def policy(self) -> int | None:
        texts = (self.output and self.output.pass_record, *(step.output for step in reversed(self.steps)))
        said = (text.get("policy_version") for text in texts if isinstance(text, Mapping))
        return next((number for number in said if number and isinstance(number, int)), None)

    @property
    def cost_micros(self) -> int:
        return sum(step.cost_micros for step in self.steps)


@dataclass(frozen=True)
class Blast:
    """What was made from `step`: later steps, outputs, changes outside, questions to people.

    `picked`: a person asked about this step; else it is the first that failed or fell short.
    """

    step: Step
    picked: bool
    steps: list[Step]
    outputs: list[Output]

    @property
    def effects(self) -> list[Step]:
        """What was changed outside the run."""
        return [
            one for one in self.steps if one.effect in ("write", "destructive") and one.state == StepState.CONFIRMED
        ]

    @property
    def asked(self) -> list[Step]:
        return [one for one in self.steps if one.kind == "person"]


def answers(found: Lineage, outputs: Sequence[Output], exceptions: Iterable[RunException]) -> list[Why]:
    """Why each output says what it says; without outputs, why the last step does. Decisions are read prefetched."""
    decided = {one.step_key: _standing(one) for one in exceptions}
    if outputs:
        return [_why(found, output.step_key, output, decided) for output in outputs]
    ends = [step for step in found.steps if step.state == StepState.CONFIRMED and step.key.count("/") < 2]
    return [_why(found, ends[-1].key, None, decided)] if ends else []


def _standing(exception: RunException) -> list[Decision]:
    return [decision for decision in exception.item.decisions.all() if decision.state in STANDING]


def _why(found: Lineage, key: str, output: Output | None, decided: Mapping[str, list[Decision]]) -> Why:
    steps = found.behind(key)
    return Why(output, steps, _cited(steps, output), [one for step in steps for one in decided.get(step.key, ())])


def _cited(steps: Iterable[Step], output: Output | None) -> list[Mapping[str, Any]]:
    """By id, so that a passage that was found twice stands once."""
    given = {str(one.get("id")): one for step in steps for one in passages(step.output)}
    cited = output.data.get("cited") if output else None
    return [one for name, one in given.items() if not cited or name in cited]


def passages(said: Any) -> list[Mapping[str, Any]]:
    """The sources that a step's output says it was given or found, whether it lists them or names them by mark."""
    if not isinstance(said, Mapping):
        return []
    found = said.get("passages")
    if isinstance(found, Mapping):
        source = ", ".join(map(str, said.get("sources") or ()))
        return [{"id": mark, "text": text, "source": source} for mark, text in found.items()]
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _is_bad(step: Step) -> bool:
    return bool(step.error or step.state in DEFECTS) and not step.is_held_back


def blast(found: Lineage, outputs: Iterable[Output], seq: int | None = None) -> Blast | None:
    """Of the step numbered `seq`, else of the first that failed or fell short of its criterion; None without one.

    What only waits for a thaw did neither.
    """
    bad = [one for one in found.steps if (_is_bad(one) if seq is None else one.seq == seq)]
    if not bad:
        return None
    made = found.made_from(bad[0].key)
    keys = {bad[0].key, *(step.key for step in made)}
    return Blast(bad[0], seq is not None, made, [output for output in outputs if output.step_key in keys])

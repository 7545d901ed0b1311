"""Who was set to work in a run: by whom, on what, why (R-252), and whether anything rests on its work (R-184)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from agents.runs.enums import StepState
from agents.runs.lineage import Lineage
from agents.runs.models import Output, Step
from agents.runs.queries.explain import passages


@dataclass(frozen=True, slots=True)
class Delegation:
    """One activation of a model or sub-flow. `by`: the steps it followed from, none for the first.

    `given` names the parts of the state that were copied to it, nothing else was (R-191); `chars` is their size as
    JSON, `sources` the documents they cite. `used`: the run's end, an output, an effect or a question rests on it.
    `calls`: the models that were asked inside it, as a peer asks another one.
    """

    step: Step
    by: list[str]
    given: list[str]
    chars: int
    sources: list[str]
    used: bool
    calls: list[Step]

    @property
    def to(self) -> str:
        return self.step.node

    @property
    def why(self) -> list[str]:
        return [self.step.reason, *(call.reason for call in self.calls)]

    @property
    def cost_micros(self) -> int:
        """With its calls."""
        return self.step.cost_micros + sum(call.cost_micros for call in self.calls)


def delegations(found: Lineage, outputs: Iterable[Output]) -> list[Delegation]:
    """Of a run, in order. While it is under way, what nothing rests on yet may still be used."""
    needed = used(found, [output.step_key for output in outputs])
    nodes, calls = {step.key: step.node for step in found.steps}, _calls(found.steps)
    return [
        _delegation(step, found, nodes, used=step.key in needed, calls=calls.get(step.key, []))
        for step in activated(found.steps)
    ]


def used(found: Lineage, outputs: Iterable[str]) -> set[str]:
    """The keys of steps that the run's end, an effect, a question or one of `outputs` (steps' keys) rests on."""
    ends = [step.key for step in found.steps if _counts(step)] + [*outputs]
    last = [step.key for step in found.steps if step.key.count("/") == 1][-1:]
    return set(chain.from_iterable((step.key for step in found.behind(key)) for key in ends + last))


def activated(steps: Sequence[Step]) -> list[Step]:
    """Nodes and branches that a model answered, themselves or by a call inside them; the calls are theirs."""
    asked = {step.key for step in steps if step.model} | _calls(steps).keys()
    return [step for step in steps if step.key in asked and _is_node(step)]


def _calls(steps: Iterable[Step]) -> dict[str, list[Step]]:
    """The models that were asked inside a step, by its key."""
    found: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        inside, _, number = step.key.rpartition("/")
        if step.model and not _is_node(step) and number.isdecimal():
            found[inside].append(step)
    return found


def _is_node(step: Step) -> bool:
    """Whether it stands for a visit of its node or a branch, no call inside one."""
    return step.key.endswith((f"{step.node}/{step.visit}", f"/{step.branch}" if step.branch else "\0"))


def _counts(step: Step) -> bool:
    effect = step.effect in ("write", "destructive") and step.state == StepState.CONFIRMED
    return effect or step.kind == "person"


def _delegation(step: Step, found: Lineage, nodes: Mapping[str, str], *, used: bool, calls: list[Step]) -> Delegation:
    given: Mapping[str, Any] = step.input if isinstance(step.input, Mapping) else {}
    by = sorted(key for key in found.sources.get(step.key, ()) if not key.startswith(f"{step.key}/"))
    cited = [one for part in given.values() for one in passages(part)]
    sources = sorted({str(one["source"]) for one in cited if one.get("source")} | _listed(given))
    chars = len(json.dumps(given, ensure_ascii=False))
    return Delegation(step, [nodes[key] for key in by], sorted(given), chars, sources, used, calls)


def _listed(given: Mapping[str, Any]) -> set[str]:
    """What parts call their sources themselves."""
    said = [part.get("sources") for part in given.values() if isinstance(part, Mapping)]
    return {str(one) for sources in said if isinstance(sources, list) for one in sources}

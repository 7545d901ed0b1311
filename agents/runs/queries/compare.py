"""Two runs side by side, step by step: what went in, what came out, by which model and prompt, at what cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.runs.models import Step

FIELDS = ("state", "input", "output", "error", "model", "prompt_version")


@dataclass(frozen=True, slots=True)
class Pair:
    """The same step (by key) of both runs; None where one of them did not make it."""

    key: str
    before: Step | None
    now: Step | None

    @property
    def node(self) -> str:
        step = self.before or self.now
        return step.node if step else ""

    @property
    def changed(self) -> list[str]:
        """Names of the fields that differ; all of a step that only one run made is another matter."""
        if self.before is None or self.now is None:
            return []
        return [name for name in FIELDS if getattr(self.before, name) != getattr(self.now, name)]

    @property
    def same(self) -> bool:
        return self.before is not None and self.now is not None and not self.changed


def compared(before: Sequence[Step], now: Sequence[Step]) -> list[Pair]:
    """Every step of both, in the order of the first run; what only the second made stands last."""
    ours, theirs = ({step.key: step for step in steps} for steps in (before, now))
    return [Pair(key, ours.get(key), theirs.get(key)) for key in dict.fromkeys([*ours, *theirs])]

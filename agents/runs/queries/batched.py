"""What a run saved by asking a model, or the database, about several inputs at once (R-182)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.runs.models import Step


@dataclass(frozen=True, slots=True)
class Batched:
    """Calls, tokens by estimate, micro-units of USD, statements to the database."""

    calls: int
    tokens: int
    micros: int
    reads: int


def batched(steps: Iterable[Step]) -> Batched:
    """The sum of what the steps say."""
    said = [step.output.get("batch") for step in steps if isinstance(step.output, Mapping)]
    kept = [one for one in said if isinstance(one, Mapping)]
    return Batched(*(sum(_count(one.get(name)) for one in kept) for name in ("calls", "tokens", "micros", "reads")))


def _count(said: object) -> int:
    """What a vendor's step calls a batch may be anything."""
    return said if isinstance(said, int) else 0

"""What a run saved by asking a model about several inputs in one call (R-182)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.runs.models import Step


@dataclass(frozen=True, slots=True)
class Batched:
    """Calls, tokens by estimate, micro-units of USD."""

    calls: int
    tokens: int
    micros: int


def batched(steps: Iterable[Step]) -> Batched:
    """The sum of what the steps say."""
    said = [step.output.get("batch") for step in steps if isinstance(step.output, Mapping)]
    kept = [one for one in said if isinstance(one, Mapping)]
    calls, tokens, micros = (sum(_count(one.get(name)) for one in kept) for name in ("calls", "tokens", "micros"))
    return Batched(calls, tokens, micros)


def _count(said: object) -> int:
    """What a vendor's step calls a batch may be anything."""
    return said if isinstance(said, int) else 0

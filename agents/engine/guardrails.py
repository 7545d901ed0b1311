"""Guardrails: what a text must pass before it is published. No pass record, no publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from agents.engine.state import Json, digest


class Fallback(StrEnum):
    """What the flow does when a guardrail says no; the ladder of R-199 in its order."""

    RETRY = "retry"
    """Have it written again, by the same or another agent, with the evidence."""
    ADJUST = "adjust"
    """Call the tools again, otherwise."""
    ESCALATE = "escalate"
    """Give it to a person."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text about to be published, with the retrieved passages (id → text) it may rest on."""

    text: str
    passages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's score, from 0 (entirely against the rule) to 1 (nothing found), and what it found."""

    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One guardrail's word on one text."""

    name: str
    passed: bool
    score: float
    threshold: float
    evidence: tuple[str, ...]
    fallback: Fallback


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A rule with its threshold and what happens below it. Scores at or above `threshold` pass."""

    name: str
    check: Callable[[Draft], Finding]
    threshold: float
    fallback: Fallback

    def judge(self, draft: Draft) -> Verdict:
        found = self.check(draft)
        passed = found.score >= self.threshold
        return Verdict(self.name, passed, found.score, self.threshold, found.evidence, self.fallback)


@dataclass(frozen=True, slots=True)
class PassRecord:
    """Every verdict on one text, bound to it by digest: another text needs another record."""

    text_sha256: str
    verdicts: tuple[Verdict, ...]

    @property
    def publishable(self) -> bool:
        """Whether there is at least one verdict and none says no."""
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    def as_json(self) -> dict[str, Json]:
        """For the step that judged: names, scores, thresholds, evidence, fallbacks."""
        told = [asdict(one) | {"evidence": list(one.evidence), "fallback": one.fallback.value} for one in self.verdicts]
        return {"text_sha256": self.text_sha256, "publishable": self.publishable, "verdicts": told}


def judged(draft: Draft, guardrails: Iterable[Guardrail]) -> PassRecord:
    """All guardrails' verdicts on `draft`."""
    return PassRecord(digest(draft.text), tuple(guardrail.judge(draft) for guardrail in guardrails))

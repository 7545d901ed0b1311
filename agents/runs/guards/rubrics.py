"""Rubrics: what a judge looks at, how much each thing counts, and the mark that passes; a rule of the team's policy.

The policy's version is the rubric's: each verdict names the one it was given under.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.engine import Json

SHIPPED: Mapping[str, Any] = {
    "pass_mark": 0.7,
    "rubric": [
        {"name": "complete", "weight": 3, "asks": "Does it answer everything that was asked?"},
        {"name": "true", "weight": 3, "asks": "Does it state only what the material says?"},
        {"name": "plain", "weight": 1, "asks": "Would somebody outside the company understand it at once?"},
    ],
}
"""What holds until the policy says otherwise."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing a judge looks at; weights count against each other."""

    name: str
    asks: str
    weight: float


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a text is judged by. `version`: of the policy; 0 where there is none."""

    measures: tuple[Measure, ...]
    pass_mark: float
    version: int

    def in_words(self) -> str:
        """For the judge."""
        return "\n".join(f"{one.name} (weight {one.weight:g}): {one.asks}" for one in self.measures)

    def verdict(self, said: Mapping[str, Json]) -> dict[str, Json]:
        """The judge's score and reason of each criterion, weighed: the sum of weight × score ÷ the sum of weights."""
        each = [{"criterion": one.name, "weight": one.weight, **said[one.name]} for one in self.measures]
        score = round(sum(one["weight"] * one["score"] for one in each) / sum(one.weight for one in self.measures), 3)
        missed = [one for one in each if one["score"] < self.pass_mark]
        return {
            "score": score,
            "pass_mark": self.pass_mark,
            "passed": score >= self.pass_mark,
            "critique": " ".join(f"{one['criterion']}: {one['reason']}" for one in missed),
            "criteria": each,
            "policy_version": self.version,
        }


def rubric(rules: Mapping[str, Json], version: int) -> Rubric:
    """The policy's criteria and pass mark, else those that ship."""
    told = {**SHIPPED, **rules}
    return Rubric(tuple(Measure(**one) for one in told["rubric"]), told["pass_mark"], version)

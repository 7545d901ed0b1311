"""Weights from a team's own decisions: fitted each night, and used only when they foretell decisions better."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from agents.base.actors import SYSTEM
from agents.people.locks import lock_teams
from agents.people.models import Team
from agents.runs import verbs
from agents.runs.models import RankingVersion
from agents.runs.queries.lessons import lessons
from agents.runs.ranking import shipped
from agents.runs.suspicion.logistic import Example, Weights, auc, brier, fit, held_out
from audit.actions import record

LEAST, LEAST_OF_EACH = 100, 20
"""Decisions, and of them right and wrong ones: with fewer than 20 against 80 the AUC's standard error exceeds 0.07
(Hanley and McNeil 1982), and which weights are better would be a toss of a coin."""
FOLDS = 5
EDGES = (0.1, 0.25, 0.5, 0.75)
"""Between the bins of the calibration."""


@dataclass(frozen=True)
class Trial:
    """How well weights foretold decisions they had not seen: P of each, and what people said."""

    p: Sequence[float]
    wrong: Sequence[bool]

    @property
    def auc(self) -> float:
        return auc(self.p, self.wrong)

    @property
    def brier(self) -> float:
        return brier(self.p, self.wrong)

    def beats(self, other: "Trial") -> bool:
        """Better probabilities, and an order at least as good."""
        return self.brier < other.brier and self.auc >= other.auc

    @property
    def bins(self) -> list[dict[str, float]]:
        """From unlikely to likely, those with any decision: mean predicted and found rate, and how many."""
        found: dict[int, list[tuple[float, bool]]] = {}
        for p, wrong in zip(self.p, self.wrong, strict=True):
            found.setdefault(sum(p >= edge for edge in EDGES), []).append((p, wrong))
        return [
            {
                "predicted": round(sum(p for p, _wrong in each) / len(each), 3),
                "found": round(sum(wrong for _p, wrong in each) / len(each), 3),
                "count": len(each),
            }
            for _bin, each in sorted(found.items())
        ]


def enough(examples: Sequence[Example]) -> bool:
    wrong = sum(wrong for _units, wrong in examples)
    return len(examples) >= LEAST and LEAST_OF_EACH <= wrong <= len(examples) - LEAST_OF_EACH


def fit_ranking(team: Team) -> RankingVersion | None:
    """A new version of the team's weights; None while decisions are too few, or the same as last time."""
    learnt = lessons(team.pk)
    examples = list(learnt.values())
    if not enough(examples):
        return None
    weights, ours, theirs = _tried(list(learnt), examples)
    with transaction.atomic():
        lock_teams([team.pk])
        return _keep(team, weights, ours, theirs)


def _tried(runs: Sequence[uuid.UUID], examples: Sequence[Example]) -> tuple[Weights, Trial, Trial]:
    """The weights from all examples, and how such weights and the shipped ones do on those held out."""
    prior, wrong = shipped(), [wrong for _units, wrong in examples]
    p = held_out(examples, lambda place: runs[place].int % FOLDS, FOLDS, lambda some: fit(some, prior))
    return fit(examples, prior), Trial(p, wrong), Trial([prior.p(units) for units, _wrong in examples], wrong)


def _keep(team: Team, weights: Weights, ours: Trial, theirs: Trial) -> RankingVersion | None:
    last = RankingVersion.objects.filter(team=team).order_by("-number").first()
    told = {"base": round(weights.base, 4), "weights": {name: round(each, 4) for name, each in weights.each.items()}}
    if last and {"base": last.base, "weights": last.weights} == told:
        return None
    version = RankingVersion.objects.create(
        team=team,
        number=last.number + 1 if last else 1,
        decisions=len(ours.wrong),
        wrong=sum(ours.wrong),
        auc=ours.auc,
        brier=ours.brier,
        shipped_auc=theirs.auc,
        shipped_brier=theirs.brier,
        bins=ours.bins,
        in_use=ours.beats(theirs),
        **told,
    )
    record(
        verbs.RANKING_FITTED,
        actor=SYSTEM,
        team_id=team.pk,
        obj=version,
        decisions=version.decisions,
        auc=f"{version.auc:.3f}",
        brier=f"{version.brier:.3f}",
        in_use=version.in_use,
    )
    return version

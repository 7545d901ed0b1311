"""What was found in a run, and the weights a team's own decisions have given those findings."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import Team
from agents.runs.models.runs import Run


class Assessment(Row):
    """The signs found in a run since it last changed state, and how likely something is wrong under the weights then.

    `signals` are values by name (`agents.runs.signals`), without those that were not there.
    `case` is what it was about and what it changed, hashed (`agents.runs.suspicion.likeness`). `drawn`: the lot fell on
    it, so people look at what it put out (`agents.runs.sampling`).
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="assessment")
    signals = models.JSONField(default=dict)
    case = models.JSONField(null=True)
    p_wrong = models.FloatField()
    drawn = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(p_wrong__gte=0, p_wrong__lte=1), name="p_wrong_is_a_probability")
        ]
        indexes = [models.Index(fields=["-at"], condition=Q(drawn=True), name="assessment_drawn")]


class RankingVersion(Row):
    """Weights fitted to a team's own decisions, with how well they foretold decisions they were not fitted to.

    `decisions` it was fitted to, of which `wrong` found something wrong; `auc` and `brier` on those held out, beside
    the shipped weights on the same ones. `bins`: predicted and found rate and their count, from unlikely to likely.
    The newest ranks if it is `in_use`, that is, better than the shipped weights; else those do.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="ranking_versions")
    number = models.PositiveIntegerField()
    base = models.FloatField()
    weights = models.JSONField()
    decisions = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    auc = models.FloatField()
    brier = models.FloatField()
    shipped_auc = models.FloatField()
    shipped_brier = models.FloatField()
    bins = models.JSONField(default=list)
    in_use = models.BooleanField(default=False)
    fitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "number"], name="one_ranking_per_number")]

    def __str__(self) -> str:
        return f"ranking {self.number}"

"""Answers of models that are kept, so that the same question is not paid twice."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import Team


class KeptAnswer(Row):
    """What a model said to exactly this request, good until `until`; `uses` counts the calls it has spared since.

    `key` is a digest of everything that could change the answer: model, messages, schema, policy, campaigns' context.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    model = models.CharField(max_length=120)
    text = models.TextField()
    data = models.JSONField(null=True)
    cost_micros = models.BigIntegerField()
    uses = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="one_kept_answer_per_question")]
        indexes = [models.Index(fields=["until"], name="kept_answer_until")]

    def __str__(self) -> str:
        return self.model

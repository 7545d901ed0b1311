"""What was put off by itself because somebody's minutes did not reach it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import User
from agents.runs.models.review import ReviewItem


class Deferral(Row):
    """An item of little value that sleeps until then: of the `needed` minutes of a person's day only `left` were left.

    Once a day at most: whoever takes it back is not overruled.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="deferrals")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    needed = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    until = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "day"], name="deferred_once_a_day"),
            models.CheckConstraint(condition=Q(needed__gt=F("left")), name="deferred_for_want_of_minutes"),
        ]
        indexes = [models.Index(fields=["person", "until"], name="deferred_of_person")]

    def __str__(self) -> str:
        return f"{self.item}, until {self.until:%Y-%m-%d %H:%M}"

"""What people keep beside the queue for themselves: notes on an item, and views they come back to."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import Team, User
from agents.runs.models.review import ReviewItem


class ItemNote(Row):
    """Said among the agent's people about an item. No agent and no vendor is ever told."""

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return self.text


class SavedView(Row):
    """The queue as somebody wants to see it again: `query` is what follows the question mark of its address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["user", "team", "name"], name="one_saved_view_per_name")]

    def __str__(self) -> str:
        return self.name

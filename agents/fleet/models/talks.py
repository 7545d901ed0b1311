"""What people tell an agent, ask it, and the minutes they give it."""

import datetime as dt

from django.db import models
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models.agents import Agent
from agents.people.models import User


class Instruction(Row):
    """One version of what an agent is told by its people. Never edited: the next feedback makes the next version.

    `feedback` is what was said this time; `text` everything in force from then on, as the agent gets it.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="instructions")
    number = models.PositiveIntegerField()
    feedback = models.TextField()
    text = models.TextField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "number"], name="one_instruction_per_number")]

    def __str__(self) -> str:
        return f"v{self.number}"


class OneOnOne(Row):
    """A person opened the 1:1 with an agent on one of the person's business days. Nothing else counts as one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="one_on_ones")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="one_on_ones")
    day = models.DateField()
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "day", "user"], name="one_one_on_one_per_day")]

    def __str__(self) -> str:
        return str(self.day)


class Question(Row):
    """What a person asked an agent in the 1:1, and what it said: `reply`, hostile text, or why it did not answer.

    Until `answered_at` it is being asked; then an empty reply without a problem means that it said nothing.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="questions")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    text = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now)
    reply = models.TextField(blank=True)
    problem = models.CharField(max_length=300, blank=True)
    is_rehearsal = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["agent", "-asked_at"], name="question_agent_newest")]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def audit_label(self) -> str:
        return f"question {short(self.pk)}"


class ReviewTime(Row):
    """Active seconds of one person with one agent on one of the person's business days; idle time is not counted.

    `visited_at` is when they last went to the agent's own page that day.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="review_times")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="review_times")
    day = models.DateField()
    seconds = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)
    visited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agent", "day"], name="one_review_time_per_day")]

    def __str__(self) -> str:
        return str(dt.timedelta(seconds=self.seconds))

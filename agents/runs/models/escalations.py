"""Who an unanswered item is handed to, and for how long an agent may do without the answer."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.runs.enums import Severity

BYPASS_LASTS = timedelta(hours=8)
"""The longest anybody may let an agent go without its approvals."""


class EscalationPolicy(Row):
    """A ladder for what nobody answers, of a team, of one of its flows or of one agent, by severity; the highest number
    is in force.

    `steps`: the fields of `ladders.Rung` in order, where `to` is a HandTo and `person` a user's id where a named person
    is meant. After the last step it begins again `loops` times.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="escalation_policies")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="escalation_policies")
    flow = models.SlugField(max_length=60, blank=True)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    number = models.PositiveIntegerField()
    steps = models.JSONField()
    loops = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "flow", "severity", "number"],
                condition=Q(agent=None),
                name="one_ladder_of_a_flow_per_number",
            ),
            models.UniqueConstraint(fields=["agent", "severity", "number"], name="one_agent_ladder_per_number"),
            models.CheckConstraint(condition=Q(agent=None) | Q(flow=""), name="a_ladder_is_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.agent or self.flow or self.team}: {self.get_severity_display()}"


class Bypass(Row):
    """Until then the agent's approvals count as given, on the word of whoever opened it and for the reason written."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="bypasses")
    reason = models.CharField(max_length=300)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("opened_at"), until__lte=F("opened_at") + BYPASS_LASTS),
                name="a_bypass_ends_by_itself",
            )
        ]
        indexes = [models.Index(fields=["agent", "-until"], name="bypass_newest")]

    def __str__(self) -> str:
        return self.reason

    @property
    def in_force(self) -> bool:
        return self.ended_at is None and self.until > timezone.now()

"""From where on a figure is an exception."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.fleet.models.agents import Agent
from agents.fleet.models.flows import Flow
from agents.people.models import Team, User


class Threshold(Row):
    """Beyond `limit`, one KPI of an agent raises an exception: of one agent, of all that run a flow, or of the team.

    Never edited: another for the same ends it, and both stay.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="thresholds")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="thresholds")
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, null=True, related_name="thresholds")
    key = models.SlugField(_("KPI"), max_length=40)
    limit = models.DecimalField(_("threshold"), max_digits=18, decimal_places=4)
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(agent=None) | Q(flow=None), name="a_threshold_has_one_scope"),
            models.UniqueConstraint(
                fields=["team", "agent", "flow", "key"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_threshold_in_force",
            ),
        ]

    @property
    def audit_label(self) -> str:
        return f"threshold {self.key}"

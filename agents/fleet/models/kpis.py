"""What an agent is expected to reach, and what it reached."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.fleet.models.agents import Agent
from agents.people.models import User


class KpiTarget(Row):
    """The wanted value of one KPI of one agent. `better` says on which side of the target is good."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="kpi_targets")
    key = models.SlugField(_("KPI"), max_length=40)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    better = models.CharField(max_length=6, choices=[("higher", _("higher")), ("lower", _("lower"))], default="higher")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "key"], name="one_target_per_kpi")]


class KpiPoint(Row):
    """The measured value of one KPI of one agent on one business day."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="kpi_points")
    key = models.SlugField(max_length=40)
    day = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=4)
    sample_size = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "key", "day"], name="one_kpi_point_per_day")]


class Goal(Row):
    """So much of one KPI, summed over the days from `first` to `due`, both included."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="goals")
    title = models.CharField(_("goal"), max_length=120)
    key = models.SlugField(_("KPI"), max_length=40)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4)
    first = models.DateField(_("from"))
    due = models.DateField(_("due"))
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(due__gte=F("first"), target__gt=0), name="a_goal_can_be_reached")
        ]

    def __str__(self) -> str:
        return self.title

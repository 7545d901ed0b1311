"""What an agent is expected to reach, and what it reached."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.fleet.models.agents import Agent


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

"""What an agent may do with which tool, and who may write nothing for now."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.fleet.enums import DataClass
from agents.fleet.models.agents import Agent
from agents.people.models import Team, User
from agents.people.validators import currency_code


class ToolGrant(Row):
    """One agent may use one tool, within these terms; without a row it may not. Amounts are in micro-units.

    `sets` and `sees` name arguments and fields of the result, `classes` the data classes (`DataClass`) of what it may
    see; empty is all of them. What destroys something is confirmed by a person whatever `confirm` says. A day is the
    team's, as that of a budget.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="tool_grants")
    tool = models.CharField(_("tool"), max_length=80)
    sets = ArrayField(models.CharField(max_length=80), verbose_name=_("fields it may set"), default=list, blank=True)
    sees = ArrayField(models.CharField(max_length=80), verbose_name=_("fields it may see"), default=list, blank=True)
    classes = ArrayField(
        models.CharField(max_length=20, choices=DataClass.choices),
        verbose_name=_("data classes it may see"),
        default=list,
        blank=True,
    )
    max_call_micros = models.BigIntegerField(_("most for one call"), null=True, blank=True)
    max_day_micros = models.BigIntegerField(_("most for one day"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD", validators=[currency_code])
    confirm = models.BooleanField(_("a person confirms each use"), default=True)
    dry_run = models.BooleanField(_("only tries, changes nothing"), default=False)
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "tool"], name="one_grant_per_agent_and_tool"),
            models.CheckConstraint(
                condition=(Q(max_call_micros=None) | Q(max_call_micros__gte=0))
                & (Q(max_day_micros=None) | Q(max_day_micros__gte=0)),
                name="grant_limits_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.tool}"

    @property
    def class_labels(self) -> list[str]:
        """The data classes it may see, in words; none where that is all of them."""
        return [str(DataClass(one).label) for one in self.classes]


class WriteFreeze(Row):
    """While this row stands, the agent, or every agent of the team, changes nothing anywhere."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="freezes")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="freezes")
    reason = models.CharField(_("reason"), max_length=300)
    frozen_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    frozen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "agent"], name="one_freeze_at_a_time", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.reason

"""Agents, their owners, and what is observed of them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.base.actors import Actor
from agents.base.models import Row
from agents.fleet.enums import Function, Lifecycle, Observed, OwnerRole, Vendor
from agents.people.models import Team, User
from agents.people.validators import currency_code


class Agent(Row):
    """One AI agent of the company, whatever its vendor. Definition only: what happens lives in agents.runs.

    `version` grows with every edit, so that two people editing at once cannot overwrite each other. `live_since`
    is when it first went live. `running_since` exempts an agent that worked before Rollcall from onboarding limits.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="agents")
    slug = models.SlugField(_("short name"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    native_name = models.CharField(_("name at its vendor"), max_length=120, blank=True)
    vendor = models.CharField(_("vendor"), max_length=20, choices=Vendor.choices)
    function = models.CharField(_("function"), max_length=20, choices=Function.choices)
    language = models.CharField(_("language"), max_length=10, default="en")
    personality = models.TextField(_("personality"), blank=True)
    requirements = models.TextField(_("requirements"), blank=True)
    purpose = models.TextField(_("purpose"), blank=True)
    vendor_url = models.URLField(_("its page at the vendor"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=60, blank=True)
    value_per_outcome_micros = models.BigIntegerField(
        _("value per outcome"), default=0, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD", validators=[currency_code])
    waiting_cost_micros_per_hour = models.BigIntegerField(
        _("cost of an hour's waiting"), default=0, validators=[MinValueValidator(0)]
    )
    baseline_minutes = models.PositiveSmallIntegerField(
        _("minutes a day it took before"),
        default=10,
        validators=[MinValueValidator(10), MaxValueValidator(60)],
        help_text=_("10 to 60, on its own page. Minutes saved are counted from it."),
    )
    lifecycle = models.CharField(max_length=12, choices=Lifecycle.choices, default=Lifecycle.ONBOARDING)
    lifecycle_since = models.DateTimeField(default=timezone.now)
    lifecycle_reason = models.CharField(max_length=300, blank=True)
    live_since = models.DateTimeField(null=True)
    running_since = models.DateField(_("already running since"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_agent", "View"),
            ("review_agent", "Review"),
            ("instruct_agent", "Instruct"),
            ("broadcast_agent", "Broadcast"),
            ("pause_agent", "Pause"),
            ("configure_agent", "Configure"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["team", "slug"], name="one_agent_per_slug"),
            models.CheckConstraint(
                condition=models.Q(value_per_outcome_micros__gte=0), name="agent_value_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(waiting_cost_micros_per_hour__gte=0), name="agent_waiting_cost_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(lifecycle__in=Lifecycle.values), name="agent_lifecycle_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        return Actor("agent", self.pk, self.name)


class AgentOwner(Row):
    """A person who answers for an agent. `acting` marks a seat given automatically, until somebody is appointed."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="owners")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ownerships")
    role = models.CharField(_("role"), max_length=10, choices=OwnerRole.choices)
    acting = models.BooleanField(default=False)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "user"], name="one_seat_per_agent_and_person"),
            models.UniqueConstraint(
                fields=["agent"], condition=models.Q(role=OwnerRole.PRIMARY), name="one_primary_owner"
            ),
            models.CheckConstraint(condition=models.Q(role__in=OwnerRole.values), name="owner_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class AgentStatus(Row):
    """What was last observed, since when, on which evidence. Written by `fleet.actions.observe` only."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="status")
    state = models.CharField(max_length=20, choices=Observed.choices, default=Observed.IDLE)
    since = models.DateTimeField(default=timezone.now)
    evidence = models.JSONField(default=dict)
    observed_at = models.DateTimeField(default=timezone.now)

    @property
    def says(self) -> str:
        """The state in words; an agent that was only added so far is not one that was lost."""
        never_heard_of = self.state == Observed.DISCONNECTED and self.evidence.get("reason") == "added"
        return gettext("Not connected yet") if never_heard_of else str(Observed(self.state).label)

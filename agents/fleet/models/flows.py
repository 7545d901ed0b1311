"""What our own agents run: flows, prompts, policies, models and prices, each pinned by version."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.fields import EncryptedField
from agents.base.models import Row
from agents.fleet.enums import Tier
from agents.fleet.models.agents import Agent
from agents.people.models import Team, User
from agents.people.validators import known_zone


class Flow(Row):
    """A shipped flow that this team uses; its code is registered under `slug` in agents.flows."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="flows")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    pattern = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "slug"], name="one_flow_per_slug")]


class FlowVersion(Row):
    """The graph and the thresholds that a run was made with. Never edited: the next one follows."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    graph = models.JSONField()
    settings = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow", "number"], name="one_flow_version_per_number")]


class PromptVersion(Row):
    """System and task prompt of one role of one flow, for one agent or (agent empty) for all of the team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="prompts")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="prompts")
    flow = models.SlugField(max_length=60)
    role = models.SlugField(max_length=40)
    number = models.PositiveIntegerField()
    system = models.TextField()
    task = models.TextField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "agent", "flow", "role", "number"],
                nulls_distinct=False,
                name="one_prompt_version_per_number",
            )
        ]


class PolicyVersion(Row):
    """Rules a machine can check (prohibited terms, languages, limits) with their plain-language statement."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="policies")
    number = models.PositiveIntegerField()
    statement = models.TextField()
    rules = models.JSONField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "number"], name="one_policy_version_per_number")]


class Endpoint(Row):
    """An OpenAI-compatible endpoint of the team's own, beside the one that the environment names, with its key."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="endpoints")
    name = models.CharField(_("provider"), max_length=60)
    base_url = models.URLField(_("address"), max_length=300)
    key = EncryptedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_endpoint_per_name")]

    def __str__(self) -> str:
        return self.name


class Model(Row):
    """A language model a team may call, in a tier of the routing rule; `endpoint` None: the environment's.

    `context_window`: how many tokens it takes at once, question and answer; None where nobody knows.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="models")
    provider = models.CharField(max_length=60)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.RESTRICT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    tier = models.CharField(max_length=10, choices=Tier.choices)
    context_window = models.PositiveIntegerField(null=True)
    is_rehearsal = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_model_per_name")]


class Price(Row):
    """Micro-units of `currency` for a million tokens, in force since a day."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="prices")
    input_micros = models.BigIntegerField()
    output_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    since = models.DateField()


class Assignment(Row):
    """Which flow version an agent of ours runs, and the most one run of it and one day of it may cost."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="assignment")
    flow_version = models.ForeignKey(FlowVersion, on_delete=models.RESTRICT, related_name="+")
    run_cap_micros = models.BigIntegerField(_("most a run may cost"))
    day_cap_micros = models.BigIntegerField(_("most a day may cost"))
    cost_center = models.CharField(max_length=60, blank=True)
    use_case = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(run_cap_micros__gt=0, day_cap_micros__gt=0), name="assignment_caps_positive"
            )
        ]


class Schedule(Row):
    """A local time in the owner's night. A missing one fires at the first instant after it, a repeated one once."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="schedules")
    local_time = models.TimeField(_("local time"))
    zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[known_zone],
        help_text=_("Empty: the primary owner's zone."),
    )
    weekdays = models.CharField(
        _("weekdays"),
        max_length=7,
        default="1234567",
        validators=[RegexValidator(r"^(?!.*(.).*\1)[1-7]+$", _("Use each of the numbers 1 to 7 once at most."))],
        help_text=_("ISO numbers, Monday is 1."),
    )
    input = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

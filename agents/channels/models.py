"""Contacts without names, who wrote to them when, and the rules that say who may."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from agents.base.models import Row
from agents.channels.enums import Fact, Is, Survey, Verdict
from agents.channels.segments import Condition, Rule
from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.runs.models import Run


class Segmentation(Row):
    """One version of a team's rules, never edited; the highest number is in force. `why` is the reason for the change.

    Two agents that write to one contact within `window_hours` are reported.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="segmentations")
    number = models.PositiveIntegerField()
    why = models.CharField(max_length=300)
    window_hours = models.PositiveSmallIntegerField(default=48)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "number"], name="one_segmentation_per_number")]

    def __str__(self) -> str:
        return f"#{self.number}"

    @cached_property
    def rules(self) -> list[Rule]:
        """In their order."""
        return [row.rule for row in sorted(self.rows.all(), key=lambda row: row.place)]


class SegmentRule(Row):
    """One line of a version: see `segments.Rule`."""

    version = models.ForeignKey(Segmentation, on_delete=models.CASCADE, related_name="rows")
    place = models.PositiveSmallIntegerField()
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    conditions = models.JSONField(default=list)
    per_day = models.PositiveIntegerField(null=True)
    rest_days = models.PositiveSmallIntegerField(null=True)
    why = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "place"], name="one_segment_rule_per_place")]

    @property
    def rule(self) -> Rule:
        said = tuple(Condition(Fact(fact), Is(how), value) for fact, how, value in self.conditions)
        return Rule(self.agent.slug, self.why, said, self.per_day, self.rest_days, self.agent.name)


class Contact(Row):
    """Somebody agents write to, known by a keyed hash of their address; `facts` are those that rules may ask."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="contacts")
    key = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="one_contact_per_team_and_key")]
        indexes = [models.Index(fields=["team", "-touched_at"], name="contact_newest")]

    def __str__(self) -> str:
        return f"contact {self.key[:8]}"


class Touch(Row):
    """A run in which an agent wrote to a contact, and what the rules then in force (`version`) said of it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="touches")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="touches")
    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="touch")
    at = models.DateTimeField()
    version = models.ForeignKey(Segmentation, on_delete=models.SET_NULL, null=True, related_name="+")
    place = models.PositiveSmallIntegerField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="touch_verdict_known")]
        indexes = [
            models.Index(fields=["contact", "-at"], name="touch_of_contact"),
            models.Index(fields=["agent", "-at"], name="touch_of_agent"),
        ]


class Rating(Row):
    """What a customer answered when asked about a conversation; the last answer counts."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="ratings")
    survey = models.CharField(max_length=4, choices=Survey.choices)
    score = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "survey"], name="one_rating_per_run_and_survey"),
            models.CheckConstraint(
                condition=Q(survey=Survey.CSAT, score__range=(1, 5)) | Q(survey=Survey.NPS, score__lte=10),
                name="rating_on_its_scale",
            ),
        ]


class Heard(Row):
    """Up to where what runs were about was read: up to which run their inputs, up to which step the calls of tools."""

    name = models.CharField(max_length=20, unique=True)
    run_id = models.UUIDField()

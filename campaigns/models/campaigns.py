"""What is to be said: definition only. Who was told, and what came back, is in `deliveries`."""

import zoneinfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.people.validators import currency_code, known_zone
from campaigns.enums import AppliesTo, Shape, Topic, VersionState
from campaigns.models.wordings import known_wordings

BUDGET = 2000
"""Characters of one campaign's context that an agent takes, unless its allowance says otherwise."""


class Campaign(Row):
    """Something the whole fleet has to know, in numbered versions."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(_("name"), max_length=120)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


def _lines(label: object) -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=500), verbose_name=label, default=list, blank=True, size=20)  # type: ignore[arg-type]


class ContextVersion(Row):
    """One wording of a campaign: typed facts and a free brief. Edited only while it is a draft.

    `revision` grows with every edit, and from version to version, so that two people cannot overwrite each other.
    `signed` are the warnings that `validated_by` took upon himself. Price is in micro-units. `wordings`: what its texts
    are in other languages, `{language: {text as written: text in it}}`, so that what is rewritten has none until
    somebody gives it. `recipients`: whom it was validated for, by short names: `excluded` with the reasons, `canaries`,
    `auto_release`.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.DRAFT)
    state_since = models.DateTimeField(default=timezone.now)
    supersedes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="followers")
    revision = models.PositiveIntegerField(default=1)

    offer = models.CharField(_("offer"), max_length=200, blank=True)
    price_micros = models.BigIntegerField(_("price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD", validators=[currency_code])
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("valid until"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    audience = models.CharField(_("audience"), max_length=300, blank=True)
    say = _lines(_("say"))
    never_say = _lines(_("never say"))
    claims = _lines(_("approved claims"))
    links = _lines(_("links"))
    languages = ArrayField(
        models.CharField(max_length=10), verbose_name=_("languages"), default=list, blank=True, size=20
    )
    wordings = models.JSONField(_("in other languages"), default=dict, blank=True, validators=[known_wordings])
    brief = models.TextField(_("brief"), max_length=10_000, blank=True)
    applies_to = models.CharField(
        _("applies to"), max_length=10, choices=AppliesTo.choices, default=AppliesTo.IN_FLIGHT
    )

    signed = models.JSONField(default=list)
    recipients = models.JSONField(default=dict)
    validated_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(default=timezone.now)
    edited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state__in=[VersionState.DRAFT, VersionState.VALIDATED]),
                name="one_version_in_preparation",
            ),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state=VersionState.LIVE), name="one_live_version_per_campaign"
            ),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="version_state_known"),
            models.CheckConstraint(
                condition=Q(price_micros__isnull=True) | Q(price_micros__gte=0), name="price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} v{self.number}"

    @property
    def tzinfo(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.zone)

    @property
    def in_preparation(self) -> bool:
        return self.state in (VersionState.DRAFT, VersionState.VALIDATED)


class DraftEditor(Row):
    """A person with the form of a version open, and when their page was last heard of."""

    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, related_name="editors")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="one_seat_per_version_and_editor")]


class ContextAllowance(Row):
    """How much of a campaign an agent takes: `budget` characters, and which facts; without topics, all of them.

    Without a `shape`, the usual one of its vendor's system. `tone` is how it should say it, in a few words.
    """

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="context_allowance")
    budget = models.PositiveIntegerField(_("characters"), default=BUDGET)
    topics = ArrayField(
        models.CharField(max_length=20, choices=Topic.choices), verbose_name=_("topics"), default=list, blank=True
    )
    shape = models.CharField(_("shape"), max_length=10, choices=Shape.choices, blank=True)
    tone = models.CharField(_("tone"), max_length=120, blank=True)


class Rendering(Row):
    """A version as one agent gets it: in its language and shape, within its allowance. `size`, `budget`: characters.

    `withheld` says of each fact that was left out why: `[{"topic", "reason"}]`. Frozen with the first broadcast.
    """

    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, related_name="renderings")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10)
    shape = models.CharField(max_length=10, choices=Shape.choices, default=Shape.PLAIN)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    withheld = models.JSONField(default=list)
    size = models.PositiveIntegerField()
    budget = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "agent"], name="one_rendering_per_version_and_agent")]

    def __str__(self) -> str:
        return short(self.sha256)

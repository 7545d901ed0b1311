"""People, their team, and how they come in: invitation by link, sign-in, API token."""

import zoneinfo
from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.actors import Actor
from agents.base.ids import short
from agents.base.models import Row
from agents.people.enums import Language, TeamRole
from agents.people.hours import Hours
from agents.people.validators import currency_code, known_zone


class Team(Row):
    """The company. Every row belongs to one by way of its agent or itself; the demo is a team of its own."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    currency = models.CharField(_("currency"), max_length=3, default="USD", validators=[currency_code])
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(Row, AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail address. `is_active` false means: sign-in revoked, at once."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    day_minutes = models.PositiveSmallIntegerField(_("minutes a day for the agents"), default=45)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0)
    is_staff = False
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor(self) -> Actor:
        return Actor("person", self.pk, str(self))

    @property
    def tzinfo(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.zone)

    def get_session_auth_hash(self) -> str:
        """What a session must carry: raising `session_epoch` ends every session of this person, for good."""
        return f"{super().get_session_auth_hash()}.{self.session_epoch}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for old in super().get_session_auth_fallback_hash():
            yield f"{old}.{self.session_epoch}"

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in str(self).split()[:2]).upper()


class Membership(Row):
    """A person's role in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=TeamRole.choices)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Absence(Row):
    """Whole days, both included, on which a person answers for nothing, by the clock of `zone`.

    `since` and `until` are its instants, the second one after its end. `began_at` is when others took over, `ended_at`
    when it was taken back or cut short.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    first = models.DateField(_("first day away"))
    last = models.DateField(_("last day away"))
    zone = models.CharField(_("time zone"), max_length=64, validators=[known_zone])
    since = models.DateTimeField()
    until = models.DateTimeField()
    declared_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first"), until__gt=models.F("since")),
                name="an_absence_runs_forward",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.first} – {self.last}"

    @property
    def audit_label(self) -> str:
        return f"absence {short(self.pk)}"


class Availability(Row):
    """When a person works, by the clock of their own zone, and what they answer for; empty is no limit.

    `days` are ISO weekdays, `functions` those of agents; with `most_open` items open they are not asked first.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="availability")
    days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    starts = models.TimeField(_("work begins"), null=True, blank=True)
    ends = models.TimeField(_("work ends"), null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=2, choices=Language.choices), default=list, blank=True)
    functions = ArrayField(models.SlugField(max_length=20), default=list, blank=True)
    most_open = models.PositiveSmallIntegerField(_("open items at most"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts=None, ends=None, days=[])
                | models.Q(starts__isnull=False, ends__isnull=False) & ~models.Q(days=[]),
                name="working_hours_are_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def hours(self) -> Hours | None:
        """None: at any hour."""
        if self.starts is None or self.ends is None:
            return None
        return Hours(self.days, self.starts, self.ends, self.user.tzinfo)


class Invitation(Row):
    """A link somebody copies to a colleague. Only its hash is kept; it works once, until it expires."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=TeamRole.choices)
    sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email

    @property
    def audit_label(self) -> str:
        return f"invitation {short(self.pk)}"


class ApiToken(Row):
    """A bearer token of one person in one team: only its SHA-256 is kept, `prefix` lets people recognise it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

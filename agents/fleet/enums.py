"""The fixed words of the fleet (design.md §2)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Verb(TextChoices):
    """What a person may do with an agent."""

    VIEW = "view", _("View")
    REVIEW = "review", _("Review")
    INSTRUCT = "instruct", _("Instruct")
    BROADCAST = "broadcast", _("Broadcast")
    PAUSE = "pause", _("Pause")
    CONFIGURE = "configure", _("Configure")


class Lifecycle(TextChoices):
    """Stored: decided by people."""

    ONBOARDING = "onboarding", _("Onboarding")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    RETIRED = "retired", _("Retired")


class Observed(TextChoices):
    """Observed: derived from evidence, never typed."""

    RUNNING = "running", _("Running")
    IDLE = "idle", _("Idle")
    WAITING_ON_HUMAN = "waiting_on_human", _("Waiting on human")
    DEGRADED = "degraded", _("Degraded")
    SILENT = "silent", _("Silent")
    DISCONNECTED = "disconnected", _("Disconnected")
    FAILED = "failed", _("Failed")


class OwnerRole(TextChoices):
    PRIMARY = "primary", _("Primary")
    SECOND = "second", _("Second")
    BACKUP = "backup", _("Backup")
    TRAINEE = "trainee", _("Trainee")


# Trainees watch; they never count towards the two.
QUORUM_ROLES = (OwnerRole.PRIMARY, OwnerRole.SECOND, OwnerRole.BACKUP)


class Vendor(TextChoices):
    OURS = "ours", _("Ours")
    ARTISAN = "artisan", "Artisan"
    QUALIFIED = "qualified", "Qualified"
    AGENTFORCE = "agentforce", "Agentforce"
    MONACO = "monaco", "Monaco"
    MOMENTUM = "momentum", "Momentum"
    CLAUDE = "claude", _("Custom Claude")
    WEBHOOK = "webhook", _("Generic webhook")
    MANUAL = "manual", _("No interface")


class Function(TextChoices):
    """The departments of the company."""

    SALES = "sales", _("Sales")
    MARKETING = "marketing", _("Marketing")
    SUPPORT = "support", _("Support")
    BILLING = "billing", _("Billing")
    RETENTION = "retention", _("Retention")
    LEGAL = "legal", _("Legal")
    FINANCE = "finance", _("Finance")
    OPERATIONS = "operations", _("Operations")


class DataClass(TextChoices):
    """How carefully data are kept, as tools declare theirs by field."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    PERSONAL = "personal", _("Personal")
    PAYMENT = "payment", _("Payment")


class Tier(TextChoices):
    """Model tiers of the routing rule."""

    CHEAP = "cheap", _("Cheap")
    STANDARD = "standard", _("Standard")
    PREMIUM = "premium", _("Premium")

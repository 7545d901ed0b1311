"""Roles of the brief ("Who uses it")."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TeamRole(TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    CHIEF = "chief", _("Chief Agent Officer")
    MANAGER = "manager", _("Agent manager")
    OPERATIONS = "operations", _("Operations configurator")
    ENGINEER = "engineer", _("Engineer")
    AUDITOR = "auditor", _("Compliance auditor")
    HUMAN_AGENT = "human_agent", _("Human agent")
    LEADERSHIP = "leadership", _("Leadership")


class TokenScope(TextChoices):
    READ = "read", _("Read")
    RUNS_WRITE = "runs:write", _("Start and report runs")
    REVIEW = "review", _("Decide and answer")
    BROADCAST = "broadcast", _("Prepare and broadcast campaigns")
    CONTEXT = "context", _("Fetch what agents are to know, nothing else")
    CONFIGURE = "configure", _("Change agents and owners")
    AUDIT_READ = "audit:read", _("Read the trail")


class Language(TextChoices):
    """What customers write in, and people answer in."""

    ENGLISH = "en", _("English")
    SPANISH = "es", _("Spanish")
    PORTUGUESE = "pt", _("Portuguese")

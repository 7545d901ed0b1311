"""The fixed words of what comes in from other systems."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SourceMode(TextChoices):
    """How a sender proves who it is."""

    SIGNED = "signed", _("Signed (Standard Webhooks)")
    TOKEN = "token", _("Token in a header")


class InboxState(TextChoices):
    RECEIVED = "received", _("Received")
    PARSED = "parsed", _("Taken in")
    QUARANTINED = "quarantined", _("Quarantined")
    FAILED = "failed", _("Failed")


class ConnectionState(TextChoices):
    """Whether we reach an agent's system, as of the last time we tried."""

    UNTRIED = "untried", _("Not tried yet")
    CONNECTED = "connected", _("Connected")
    DISCONNECTED = "disconnected", _("Disconnected")

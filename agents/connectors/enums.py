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


class Method(TextChoices):
    """What an adapter may be asked to do; each declared, or refused with a plain sentence."""

    HEALTH = "health", _("Test the connection")
    PULL = "pull", _("Fetch what it did")
    PULL_KPIS = "pull_kpis", _("Fetch its figures")
    RECEIVE = "receive", _("Reports by itself")
    ASK = "ask", _("Answers questions")
    PUSH_CONTEXT = "push_context", _("Takes new context")
    CONFIRM = "confirm", _("Shows what it was told")
    ANSWER = "answer", _("Takes an answer")
    PAUSE = "pause", _("Can be paused")
    RESUME = "resume", _("Can be resumed")
    DEEP_LINK = "deep_link", _("Has a page of its own")


class Way(TextChoices):
    """How a method is done."""

    LIVE = "live", _("live")
    WEBHOOK = "webhook", _("webhook")
    FILE = "file", _("file")
    MANUAL = "manual", _("by hand")
    NONE = "none", _("not possible")


class Rung(TextChoices):
    """How far a text is known to have come; adapters know up to echoed. Sent is never confirmed."""

    SENT = "sent", _("Sent")
    STORED = "stored", _("Stored")
    ECHOED = "echoed", _("Echoed")
    MANUAL_PENDING = "manual_pending", _("To paste by hand")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    MANUAL_DONE = "manual_done", _("Pasted by hand")
    FAILED = "failed", _("Failed")


class Problem(TextChoices):
    """Why a vendor's system did not do what it was asked."""

    AUTH = "auth", _("It does not accept our credentials")
    RATE = "rate", _("It asks us to slow down")
    DOWN = "down", _("It does not answer")
    BAD_REPLY = "bad_reply", _("Its answer cannot be read")
    REFUSED = "refused", _("It refuses what we ask")
    SETUP = "setup", _("The connection is not complete")


class ConnectionState(TextChoices):
    """Whether we reach an agent's system, as of the last time we tried."""

    UNTRIED = "untried", _("Not tried yet")
    CONNECTED = "connected", _("Connected")
    DISCONNECTED = "disconnected", _("Disconnected")

"""The fixed words of campaigns (design.md §2)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionState(TextChoices):
    DRAFT = "draft", _("Draft")
    VALIDATED = "validated", _("Validated")
    LIVE = "live", pgettext_lazy("a version of a campaign", "Live")
    SUPERSEDED = "superseded", _("Superseded")
    ENDED = "ended", _("Ended")


class AppliesTo(TextChoices):
    """Which runs of our own agents are told: those queued before the broadcast too, or only later ones."""

    IN_FLIGHT = "in_flight", _("everything, also what is queued already")
    NEW = "new", _("new work only")


class Rung(TextChoices):
    """How far a delivery is known to have come, lowest first; each rung has its receipt."""

    QUEUED = "queued", _("Queued")
    FAILED = "failed", _("Failed")
    SENT = "sent", _("Sent")
    MANUAL_PENDING = "manual_pending", _("To paste by hand")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    STORED = "stored", _("Stored")
    MANUAL_DONE = "manual_done", _("Pasted by hand")
    ECHOED = "echoed", _("Echoed")


HEIGHT = {rung: height for height, rung in enumerate(Rung)}
CONFIRMED = (Rung.STORED, Rung.ECHOED, Rung.MANUAL_DONE)
"""What counts as "the agent has it". Sent never does."""
SETTLED = (*CONFIRMED, Rung.NOT_APPLICABLE)


class RequestState(TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class Topic(TextChoices):
    """The facts of a version, in the order in which agents read them; an agent may be limited to some."""

    OFFER = "offer", _("Offer")
    PRICE = "price", _("Price")
    VALIDITY = "validity", _("Valid")
    AUDIENCE = "audience", _("Audience")
    SAY = "say", _("Say")
    NEVER_SAY = "never_say", _("Never say")
    CLAIMS = "claims", _("Approved claims")
    LINKS = "links", _("Links")
    BRIEF = "brief", _("Brief")


class Shape(TextChoices):
    """What an agent's system takes."""

    PROMPT = "prompt", _("context of a prompt")
    JSON = "json", _("JSON, the body of a webhook")
    FIELD = "field", _("one line, a field of a CRM")
    PLAIN = "plain", _("plain text to paste")

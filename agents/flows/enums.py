"""What a review of cost may propose, and what became of it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AdjustmentKind(TextChoices):
    CHEAPER_MODEL = "cheaper_model", _("A cheaper model")
    TOKEN_LIMIT = "token_limit", _("A limit of tokens")
    UNUSED_TOOL = "unused_tool", _("A tool less")


class AdjustmentState(TextChoices):
    PROPOSED = "proposed", _("Waits for a decision")
    TAKEN = "taken", _("Accepted")
    DISMISSED = "dismissed", _("Dismissed")

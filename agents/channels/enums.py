"""The words of segmentation."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    """What rules may ask of a contact. Nothing here says who somebody is."""

    COUNTRY = "country", _("country")
    LANGUAGE = "language", _("language")
    INDUSTRY = "industry", _("industry")
    EMPLOYEES = "employees", _("employees")
    STAGE = "stage", _("stage")
    SOURCE = "source", _("source")
    TIER = "tier", _("tier")
    DOMAIN = "domain", _("e-mail domain")


class Is(TextChoices):
    """How a fact is compared."""

    EQUAL = "is", _("is")
    OTHER = "is_not", _("is not")
    AMONG = "among", _("is one of")
    AT_LEAST = "at_least", _("is at least")
    BELOW = "below", _("is below")


class Survey(TextChoices):
    """What a customer is asked afterwards: how satisfied (1 to 5), or how likely to recommend us (0 to 10)."""

    CSAT = "csat", _("satisfied")
    NPS = "nps", _("would recommend us")


class Verdict(TextChoices):
    """What the rules in force said of a contact that an agent wrote to."""

    AS_RULED = "as_ruled", _("as the rules say")
    OTHER_AGENT = "other_agent", _("another agent’s contact")
    OVER_LIMIT = "over_limit", _("over its limit")
    NO_RULE = "no_rule", _("no rule for it")

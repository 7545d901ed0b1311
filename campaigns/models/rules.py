"""What holds for every campaign of a team, and what is known of the links they carry."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.people.models import Team


class CampaignRules(Row):
    """Hosts that campaigns may link to (none: any), and terms that no campaign of the team may say."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="campaign_rules")
    link_hosts = ArrayField(
        models.CharField(max_length=253), verbose_name=_("hosts that may be linked"), default=list, blank=True, size=200
    )
    banned_terms = ArrayField(
        models.CharField(max_length=200), verbose_name=_("banned terms"), default=list, blank=True, size=200
    )


class CheckedLink(Row):
    """Whether an address answered when somebody last looked; `problem` is a code of `campaigns.checks.links`."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=500)
    problem = models.CharField(max_length=20, blank=True)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "url"], name="one_look_per_team_and_link")]

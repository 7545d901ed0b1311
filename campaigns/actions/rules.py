"""What holds for every campaign of a team."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from agents.people.clean import clean
from agents.people.models import Team, User
from audit.actions import record
from campaigns import verbs
from campaigns.models import CampaignRules
from campaigns.permissions import require_rule_maker


@transaction.atomic
def set_rules(team: Team, *, actor: User, link_hosts: Iterable[str], banned_terms: Iterable[str]) -> CampaignRules:
    """The hosts that campaigns may link to and the terms that none may say. Raises `NotAllowed`, `Invalid`."""
    require_rule_maker(actor, team)
    rules = CampaignRules.objects.select_for_update(no_key=True).filter(team=team).first() or CampaignRules(team=team)
    rules.link_hosts, rules.banned_terms = list(link_hosts), list(banned_terms)
    clean(rules, "link_hosts", "banned_terms")
    rules.save()
    told: dict[str, Any] = {"link_hosts": rules.link_hosts, "banned_terms": rules.banned_terms}
    record(verbs.RULES_SET, actor=actor.actor, team_id=team.pk, obj=team, **told)
    return rules

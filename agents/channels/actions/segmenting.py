"""Writing the next version of the rules."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.channels import verbs
from agents.channels.enums import Is
from agents.channels.models import Segmentation, SegmentRule
from agents.channels.permissions import require_segment_maker
from agents.channels.queries import rules_in_force
from agents.channels.segments import MOST_CONDITIONS, MOST_RULES, Rule, digest, number
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.people.clean import clean
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from audit.actions import record

MOST_HOURS = 720


@transaction.atomic
def set_segments(
    team: Team, *, actor: User, rules: Sequence[Rule], window_hours: int, why: str, tried: str, seen: int | None = None
) -> Segmentation:
    """The next version. `tried` is the digest of what was tried on past contacts, `seen` the number that was changed.

    Raises `NotAllowed`; `Invalid` (`untried` among others); `Conflict` when somebody was faster.
    """
    require_segment_maker(actor, team)
    lock_teams([team.pk])
    before = rules_in_force(team)
    if (before.number if before else 0) != (seen or 0):
        raise Conflict(
            _("Somebody has changed the rules meanwhile. Look at theirs, then change them again."), "changed"
        )
    agents = check(team, rules, window_hours)
    if tried != digest(rules, window_hours):
        raise Invalid(_("Try exactly these rules on past contacts first."), "untried")
    version = Segmentation(
        team=team, number=(seen or 0) + 1, why=why.strip(), window_hours=window_hours, created_by=actor
    )
    clean(version, "why")
    version.save(force_insert=True)
    SegmentRule.objects.bulk_create(
        SegmentRule(
            version=version,
            place=place,
            agent=agents[rule.agent],
            conditions=[[each.fact.value, each.how.value, each.value] for each in rule.conditions],
            per_day=rule.per_day,
            rest_days=rule.rest_days,
            why=rule.why.strip(),
        )
        for place, rule in enumerate(rules)
    )
    said = [str(rule) for rule in version.rules]
    record(verbs.SEGMENTS_SET, actor=actor.actor, team_id=team.pk, obj=version, why=version.why, rules=said)
    notify("segments")
    return version


def check(team: Team, rules: Sequence[Rule], window_hours: int) -> dict[str, Agent]:
    """The rules' agents by slug. Raises `Invalid`, naming the rule that does not fit and why."""
    if not 0 < len(rules) <= MOST_RULES:
        raise Invalid(_("Write at least one rule, and at most %(most)s.") % {"most": MOST_RULES})
    if not 1 <= window_hours <= MOST_HOURS:
        raise Invalid(_("Give the hours of the window, from 1 to %(most)s.") % {"most": MOST_HOURS})
    rows = Agent.objects.filter(team=team, slug__in={rule.agent for rule in rules})
    agents = {row.slug: row for row in rows.exclude(lifecycle=Lifecycle.RETIRED)}
    for place, rule in enumerate(rules, 1):
        if problem := _problem(rule, agents):
            raise Invalid(_("Rule %(place)s: %(problem)s") % {"place": place, "problem": problem}, "bad_rule")
    return agents


def _problem(rule: Rule, agents: dict[str, Agent]) -> str:
    if rule.agent not in agents:
        return _("there is no such agent.")
    if not 0 < len(rule.why.strip()) <= 300:
        return _("say why, in at most 300 characters.")
    if any(limit is not None and not 1 <= limit <= 10_000 for limit in (rule.per_day, rule.rest_days)):
        return _("a limit is a number from 1 to 10,000.")
    if len(rule.conditions) > MOST_CONDITIONS:
        return _("at most %(most)s conditions.") % {"most": MOST_CONDITIONS}
    if any(not 0 < len(each.value.strip()) <= 300 or "\x00" in each.value for each in rule.conditions):
        return _("say what the fact is compared with.")
    if any(each.how in (Is.AT_LEAST, Is.BELOW) and number(each.value) is None for each in rule.conditions):
        return _("“at least” and “below” need a number.")
    return ""

"""Which rules hold, who gets a contact, and what rules would have made of the contacts of the last month. Read only."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet
from django.utils import timezone

from agents.channels.enums import Verdict
from agents.channels.models import Contact, Segmentation, Touch
from agents.channels.segments import Rule, fitting, overlap
from agents.people.models import Team

PAST = dt.timedelta(days=30)
DAY = dt.timedelta(days=1)
MOST = 5000
"""Contacts that rules are tried on, the newest."""
SAMPLES = 5


@dataclass(frozen=True)
class Given:
    """Who gets a contact: the rule that decides (None: nobody), and others that fit, too."""

    place: int | None = None
    rule: Rule | None = None
    others: list[Rule] = field(default_factory=list)

    @property
    def overlaps(self) -> bool:
        """Whether another agent's rule fits as well."""
        return self.rule is not None and any(other.agent != self.rule.agent for other in self.others)


@dataclass(frozen=True)
class Replay:
    """What rules make of the contacts of the last 30 days.

    `taken`: contacts by the place of the rule that decides. `elsewhere`: contacts that another agent wrote to last.
    `over`: touches beyond the limits. Gaps and overlaps with the facts of a few as samples.
    """

    contacts: int
    taken: list[int]
    gaps: int
    overlaps: int
    elsewhere: int
    over: int
    gap_samples: list[dict[str, str]]
    overlap_samples: list[dict[str, str]]


def versions(team: Team) -> QuerySet[Segmentation]:
    """Every version with its rules, the one in force first."""
    rows = Segmentation.objects.filter(team=team).select_related("created_by").prefetch_related("rows__agent")
    return rows.order_by("-number")


def rules_in_force(team: Team) -> Segmentation | None:
    return versions(team).first()


def who_gets(rules: Sequence[Rule], facts: Mapping[str, str]) -> Given:
    """What the rules say of somebody with these facts."""
    if not (found := fitting(rules, facts)):
        return Given()
    (place, rule), *others = found
    return Given(place, rule, [other for _place, other in others])


def spent(rule: Rule, contact: Contact, at: dt.datetime) -> bool:
    """Whether the rule's agent has reached a limit of the rule when it writes to the contact at that moment."""
    mine = Touch.objects.filter(agent__slug=rule.agent, contact__team_id=contact.team_id, at__lt=at)
    if rule.rest_days is not None and mine.filter(contact=contact, at__gt=at - rule.rest_days * DAY).exists():
        return True
    if rule.per_day is None:
        return False
    today = mine.filter(at__gt=at - DAY).exclude(contact=contact)
    return today.values("contact").distinct().count() >= rule.per_day


def replay(team: Team, rules: Sequence[Rule]) -> Replay:
    """Tries rules on the contacts of the last 30 days; two queries."""
    recent = Contact.objects.filter(team=team, touched_at__gt=timezone.now() - PAST).order_by("-touched_at")
    contacts = list(recent[:MOST])
    touched: dict[object, list[tuple[str, dt.datetime]]] = defaultdict(list)
    rows = Touch.objects.filter(contact__in=contacts, at__gt=timezone.now() - PAST).order_by("at")
    for contact_id, slug, at in rows.values_list("contact_id", "agent__slug", "at"):
        touched[contact_id].append((slug, at))
    taken, gaps, overlaps, elsewhere = [0] * len(rules), [], [], 0
    by_rule: dict[int, list[tuple[object, dt.datetime]]] = defaultdict(list)
    for contact in contacts:
        found = fitting(rules, contact.facts)
        gaps += [] if found else [contact.facts]
        overlaps += [contact.facts] if overlap(found) else []
        if found:
            place, rule = found[0]
            taken[place] += 1
            elsewhere += bool(touched[contact.pk]) and touched[contact.pk][-1][0] != rule.agent
            by_rule[place] += [(contact.pk, at) for slug, at in touched[contact.pk] if slug == rule.agent]
    over = sum(_over(rules[place], touches) for place, touches in by_rule.items())
    samples = gaps[:SAMPLES], overlaps[:SAMPLES]
    return Replay(len(contacts), taken, len(gaps), len(overlaps), elsewhere, over, *samples)


def _over(rule: Rule, touches: list[tuple[object, dt.datetime]]) -> int:
    """How many touches went beyond the limits, days counted in UTC."""
    over, last = 0, dict[object, dt.datetime]()
    a_day: Counter[dt.date] = Counter()
    for contact, at in sorted(touches, key=lambda each: each[1]):
        rested = contact not in last or rule.rest_days is None or at - last[contact] >= rule.rest_days * DAY
        a_day[at.date()] += 1
        over += not rested or (rule.per_day is not None and a_day[at.date()] > rule.per_day)
        last[contact] = at
    return over


def figures(team: Team) -> dict[Verdict, int]:
    """What the rules in force said of the touches of the last 30 days."""
    rows = Touch.objects.filter(contact__team=team, at__gt=timezone.now() - PAST)
    counted = dict(rows.values_list("verdict").annotate(count=Count("pk")))
    return {verdict: counted.get(verdict, 0) for verdict in Verdict}

"""Where an item stands in the queue: what it is expected to cost to leave it, a sum anybody can check, and why.

Expected loss = P(wrong) × value at risk + the cost of another hour's waiting, where P(wrong) = 1 − ∏(1 − wᵢ) over the
signals that fired, taken as independent (noisy-or; Pearl 1988, §4.3).
"""

import uuid
from collections.abc import Iterable
from math import prod

from django.db import connection
from django.utils.translation import gettext as _

from agents.base.money import MICRO, format_money
from agents.runs.models import ReviewItem, RunException
from agents.runs.signals import Facts, Fired, fired, words

VALUE_UNKNOWN = 10 * MICRO
"""What is at risk with an agent of which nobody said what an outcome is worth, so that its items have an order too."""
ESCALATED_WORD = "escalated"
LAST_RUNS = 50
FACTS = """
SELECT e.id, s.errors, s.retries, s.refusals, coalesce(r.steps_done, 0), coalesce(usual.steps, 0),
  coalesce(extract(day FROM now() - (
    SELECT max(until) FROM runs_dailyreview
    WHERE agent_id = e.agent_id AND until IS NOT NULL AND state <> 'skipped')), 0)::int
FROM runs_runexception e LEFT JOIN runs_run r ON r.id = e.run_id
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE error <> '') AS errors, coalesce(sum(greatest(tries - 1, 0)), 0) AS retries,
         count(*) FILTER (WHERE kind = 'judge' AND output->>'publishable' = 'false') AS refusals
  FROM runs_step WHERE run_id = r.id) s
LEFT JOIN LATERAL (
  SELECT avg(steps_done)::float8 AS steps FROM (
    SELECT steps_done FROM runs_run WHERE agent_id = r.agent_id AND state IN ('done', 'failed', 'quarantined')
    ORDER BY created_at DESC LIMIT %s) last) usual ON true
WHERE e.id = ANY(%s)
"""


def rank(exception: RunException, *, escalated: bool = False) -> tuple[float, str]:
    """Expected loss in units of the agent's currency, and the reason for it, as words that `say` can say again."""
    return judge(facts_of([exception], {exception.pk} if escalated else set())[0])


def judge(facts: Facts) -> tuple[float, str]:
    """`rank`, from the facts."""
    signs = fired(facts)
    agent = facts.exception.agent
    parts = [f"{name}:{value}" if value else name for name, (_weight, value) in signs.items()]
    if value := agent.value_per_outcome_micros:
        parts.append(f"value:{value}:{agent.currency}")
    if cost := agent.waiting_cost_micros_per_hour:
        parts.append(f"cost:{cost}:{agent.currency}")
    return (wrong(signs.values()) * (value or VALUE_UNKNOWN) + cost) / MICRO, " ".join(parts)[:300]


def wrong(signs: Iterable[Fired]) -> float:
    """How likely something is wrong: 1 − ∏(1 − w)."""
    return 1 - prod(1 - weight for weight, _value in signs)


def facts_of(exceptions: list[RunException], escalated: set[uuid.UUID]) -> list[Facts]:
    """What is known of each, in one query; `exception.agent` is read."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [LAST_RUNS, [exception.pk for exception in exceptions]])
        counted = {pk: counts for pk, *counts in cursor.fetchall()}
    return [Facts(each, each.pk in escalated, *counted.get(each.pk, ())) for each in exceptions]


def reasons(item: ReviewItem) -> list[str]:
    """Why the item stands where it stands, in the reader's language."""
    return say(item.rank_reason)


def say(reason: str) -> list[str]:
    """The words of a stored reason, in the reader's language."""
    return [_say(*part.partition(":")) for part in reason.split()]


def _say(word: str, _colon: str, value: str) -> str:
    if word in ("value", "cost"):
        micros, _colon, currency = value.partition(":")
        money = {"money": format_money(int(micros), currency)}
        return (_("%(money)s at risk") if word == "value" else _("waiting costs %(money)s an hour")) % money
    return words(word, value)

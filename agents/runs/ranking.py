"""Where an item stands in the queue: what it is expected to cost to leave it, a sum anybody can check, and why.

Expected loss = P(wrong) × value at risk + the cost of another hour's waiting. P(wrong) is logistic: the signs found in
the exception and in its run, each times its weight (`agents.runs.signals`); the weights are the shipped ones or those
that the team's own decisions have given them (`RankingVersion`).
"""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from agents.base.money import MICRO, format_money
from agents.fleet.models import Agent
from agents.runs import signals
from agents.runs.models import RankingVersion, ReviewItem, RunException
from agents.runs.signals import EXCEPTION, Facts
from agents.runs.suspicion.assessing import signs_of
from agents.runs.suspicion.logistic import Weights

VALUE_UNKNOWN = 10 * MICRO
"""What is at risk with an agent of which nobody said what an outcome is worth, so that its items have an order too."""
MOST_REASONS = 3
STAKES = re.compile(r"(value|cost):(\d+):(\w+)")
"""What is at stake, in micro-units and their currency; without one, “cost” is the sign of a run that was dear."""
LEAST_SAID = 0.1
"""Log-odds below which a sign is not worth a word."""
UNREVIEWED = """
SELECT agent_id, extract(day FROM now() - max(until))::int FROM runs_dailyreview
WHERE agent_id = ANY(%s) AND until IS NOT NULL AND state <> 'skipped' GROUP BY agent_id
"""


@dataclass(frozen=True)
class Case:
    """An exception's facts, and the signs of its run."""

    facts: Facts
    run: Mapping[str, float] = field(default_factory=dict)

    @property
    def signs(self) -> dict[str, float]:
        return {**signals.found(self.facts, EXCEPTION), **self.run}


def shipped() -> Weights:
    """The weights that reasoning set."""
    return Weights(signals.BASE, signals.shipped())


def weights_of(teams: Collection[uuid.UUID]) -> dict[uuid.UUID, Weights]:
    """The weights each team's queue is ranked with; one query."""
    newest = RankingVersion.objects.filter(team__in=teams).order_by("team", "-number").distinct("team")
    own = {found.team_id: Weights(found.base, found.weights) for found in newest if found.in_use}
    return {team: own.get(team) or shipped() for team in teams}


def rank(exception: RunException, *, escalated: bool = False) -> tuple[float, str]:
    """Expected loss in units of the agent's currency, and the reason for it, as words that `say` can say again."""
    [case] = cases_of([exception], {exception.pk} if escalated else set())
    return judge(case, weights_of([exception.agent.team_id])[exception.agent.team_id])


def judge(case: Case, weights: Weights | None = None) -> tuple[float, str]:
    """`rank`, from what is known; with the shipped weights where none are given."""
    weights = weights or shipped()
    units = signals.units(case.signs)
    agent = case.facts.exception.agent
    p, value, cost = weights.p(units), agent.value_per_outcome_micros, agent.waiting_cost_micros_per_hour
    parts = [f"p:{p:.2f}", *(f"{name}:{case.signs[name]:g}" for name in telling(weights, units))]
    parts += [f"value:{value}:{agent.currency}"] if value else []
    parts += [f"cost:{cost}:{agent.currency}"] if cost else []
    return value_at_risk(p, agent) + cost / MICRO, " ".join(parts)[:300]


def value_at_risk(p: float, agent: Agent) -> float:
    """What something wrong with this probability is expected to cost, in units of the agent's currency."""
    return p * (agent.value_per_outcome_micros or VALUE_UNKNOWN) / MICRO


def telling(weights: Weights, units: Mapping[str, float]) -> list[str]:
    """The signs that speak most for something being wrong, the strongest first."""
    added = {name: weights.each.get(name, 0.0) * value for name, value in units.items()}
    strong = [name for name, odds in added.items() if odds >= LEAST_SAID]
    return sorted(strong, key=lambda name: -added[name])[:MOST_REASONS]


def cases_of(exceptions: list[RunException], escalated: set[uuid.UUID]) -> list[Case]:
    """What is known of each, in four queries at most; `exception.agent` is read."""
    with connection.cursor() as cursor:
        cursor.execute(UNREVIEWED, [list({exception.agent_id for exception in exceptions})])
        unreviewed: dict[uuid.UUID, int] = dict(cursor.fetchall())
    runs = signs_of({exception.run_id for exception in exceptions if exception.run_id})
    return [
        Case(
            Facts(each, each.pk in escalated, unreviewed.get(each.agent_id, 0)),
            runs.get(each.run_id, {}) if each.run_id else {},
        )
        for each in exceptions
    ]


def was_escalated(item: ReviewItem) -> bool:
    """Whether a person raised it; ranking it anew must not forget that."""
    return any(part.partition(":")[0] == "escalated" for part in item.rank_reason.split())


def reasons(item: ReviewItem) -> list[str]:
    """Why the item stands where it stands, in the reader's language."""
    return say(item.rank_reason)


def say(reason: str) -> list[str]:
    """The words of a stored reason, in the reader's language."""
    return [_say(part) for part in reason.split()]


def doubts(reason: str) -> list[str]:
    """Of `say`, what makes it likely that something is wrong."""
    return say(" ".join(part for part in reason.split() if not STAKES.fullmatch(part)))


def stakes(reason: str) -> list[str]:
    """Of `say`, what the agent's outcomes are worth and what its waiting costs: the same for all its items."""
    return say(" ".join(part for part in reason.split() if STAKES.fullmatch(part)))


def say_p(p: float) -> str:
    """How likely something is wrong; nothing is certain before somebody looked."""
    return _("%(percent)d %% likely wrong") % {"percent": min(round(100 * p), 99)}


def _say(part: str) -> str:
    if stake := STAKES.fullmatch(part):
        what, micros, currency = stake.groups()
        money = {"money": format_money(int(micros), currency)}
        return (_("%(money)s at risk") if what == "value" else _("waiting costs %(money)s an hour")) % money
    word, _colon, value = part.partition(":")
    if word == "p":
        return say_p(float(value))
    return signals.words(word, float(value or 1))

"""What happened, what it means for a person, and whether the queues are consumed. Read only."""

from agents.runs.queries.bands import off_target
from agents.runs.queries.digests import Digest, Sample, digests
from agents.runs.queries.inbox import Again, Fold, Idle, Where, again, folds, narrowed, waited_micros
from agents.runs.queries.needs import Need, named, needing
from agents.runs.queries.one_on_one import Feedback, Kpi, Next, OneOnOne, one_on_one
from agents.runs.queries.opened import Opened
from agents.runs.queries.policies import ladder_for, ladder_of_team, policies
from agents.runs.queries.queue import Group, Queue, is_well, item_of, queue
from agents.runs.queries.sampled import Sampled, sampled
from agents.runs.queries.seen import exceptions_for, health, runs_for, waiting, worst_of
from agents.runs.queries.trust import Trust, pooled, trust
from agents.runs.queries.worst import Item

__all__ = [
    "Again",
    "Digest",
    "Feedback",
    "Fold",
    "Group",
    "Idle",
    "Item",
    "Kpi",
    "Need",
    "Next",
    "OneOnOne",
    "Opened",
    "Queue",
    "Sample",
    "Sampled",
    "Trust",
    "Where",
    "again",
    "digests",
    "exceptions_for",
    "folds",
    "health",
    "is_well",
    "item_of",
    "ladder_for",
    "ladder_of_team",
    "named",
    "narrowed",
    "needing",
    "off_target",
    "one_on_one",
    "policies",
    "pooled",
    "queue",
    "runs_for",
    "sampled",
    "trust",
    "waited_micros",
    "waiting",
    "worst_of",
]

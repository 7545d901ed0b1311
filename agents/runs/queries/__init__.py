"""What happened, what it means for a person, and whether the queues are consumed. Read only."""

from agents.runs.queries.bands import off_target
from agents.runs.queries.digests import Digest, Sample, digests
from agents.runs.queries.needs import Need, condition, needing
from agents.runs.queries.one_on_one import Feedback, Kpi, Next, OneOnOne, one_on_one
from agents.runs.queries.queue import Group, Item, Queue, is_well, item_of, open_reviews, queue
from agents.runs.queries.seen import exceptions_for, health, runs_for, waiting

__all__ = [
    "Digest",
    "Feedback",
    "Group",
    "Item",
    "Kpi",
    "Need",
    "Next",
    "OneOnOne",
    "Queue",
    "Sample",
    "condition",
    "digests",
    "exceptions_for",
    "health",
    "is_well",
    "item_of",
    "needing",
    "off_target",
    "one_on_one",
    "open_reviews",
    "queue",
    "runs_for",
    "waiting",
]

"""A worker that has just carried a run out stands by for the next one of its queue, for a moment.

Between two of its tasks lie the broker, the worker's own process and Celery: as much as a short run costs. Who stands
by has a card in its queue's set; who queues a run takes the newest card and puts the run before its owner. Cards and
calls may be lost like messages: the row is the truth, and the sweeper's list.
"""

import json
import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

STAND_BY_S = 0.05
"""What else comes for the queue meanwhile waits no longer than this."""
ANSWER_S = 1.0
# Whose queue has messages goes back to them at once. A card is good until its owner leaves, by the server's clock.
STAND_BY = """
if redis.call('LLEN', KEYS[1]) > 0 then return redis.call('RPUSH', KEYS[3], '[]') end
local now = redis.call('TIME')
return redis.call('ZADD', KEYS[2], now[1] + now[2] / 1e6 + ARGV[1], KEYS[3])
"""
CALL = """
local card, now = redis.call('ZPOPMAX', KEYS[1]), redis.call('TIME')
if not card[1] or tonumber(card[2]) < now[1] + now[2] / 1e6 then return 0 end
redis.call('RPUSH', card[1], ARGV[1])
return redis.call('PEXPIRE', card[1], ARGV[2])
"""


def call(run_ids: Sequence[str], queue: str) -> bool:
    """Put the runs before one that stands by for this queue; whether there was one. Raises RedisError."""
    return bool(_server().eval(CALL, 1, cards(queue), json.dumps(run_ids), round(ANSWER_S * 1000)))


def stand_by(queue: str) -> list[str]:
    """The runs that this process is called for; none when nobody calls within STAND_BY_S, or Redis does not answer."""
    card = _key(f"standby:{uuid.uuid4()}")
    try:
        waiting = _server().pipeline(transaction=False)
        waiting.eval(STAND_BY, 3, _key(queue), cards(queue), card, STAND_BY_S)
        waiting.blpop([card], timeout=STAND_BY_S)
        called = waiting.execute()[1] or _called_late(queue, card)
    except RedisError:
        return []
    return list(json.loads(called[1])) if called else []


def _called_late(queue: str, card: str) -> Any:
    """What came between the last moment and taking the card back."""
    if _server().zrem(cards(queue), card):
        return None
    return card, _server().lpop(card) or "[]"


def cards(queue: str) -> str:
    """The key of the cards of those that stand by for this queue."""
    return _key(f"standby:{queue}")


def _key(name: str) -> str:
    return f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}{name}"


@lru_cache(1)
def _server() -> redis.Redis:
    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, retry=once
    )

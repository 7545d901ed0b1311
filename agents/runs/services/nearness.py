"""What lies near a text by meaning, among passages that have vectors, and how that order goes with the one by words."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection

POOL = 50
"""How many of each order are fused."""
LEAST = 0.25
"""The cosine from which two texts are taken to mean something alike."""
DAMPING = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
PGVECTOR = "1 - (values::vector <=> %(asked)s::float8[]::vector)"
BY_HAND = "(SELECT sum(a * b) FROM unnest(values, %(asked)s::float8[]) AS one(a, b))"
# Without pgvector only those that come first by words are compared: a product of two vectors by hand is slow.
NEAREST = """
WITH held AS MATERIALIZED (
  SELECT p.id, p.source, p.ordinal, v.values
  FROM fleet_passagevector v JOIN fleet_knowledgepassage p ON p.id = v.passage_id
  WHERE p.agent_id = ANY(%(agents)s) AND v.model = %(model)s
    AND cardinality(v.values) = cardinality(%(asked)s::float8[])
  ORDER BY ts_rank(p.search, replace(plainto_tsquery('simple', %(text)s)::text, '&', '|')::tsquery) DESC, p.id
  LIMIT %(most)s),
compared AS (SELECT id, source, ordinal, {alike} AS alike FROM held)
SELECT id::text FROM compared WHERE alike >= %(least)s ORDER BY alike DESC, source, ordinal, id LIMIT %(pool)s
"""
MOST, MOST_BY_HAND = 20_000, 500


def nearest(agents: Sequence[uuid.UUID], model: str, asked: Sequence[float], text: str) -> list[str]:
    """The ids of these agents' passages whose vectors lie nearest to `asked`, the vector of `text`; nearest first."""
    given: dict[str, Any] = {
        "agents": list(agents),
        "model": model,
        "asked": list(asked),
        "text": text,
        "least": LEAST,
        "pool": POOL,
    }
    given["most"] = MOST if has_vectors() else MOST_BY_HAND
    with connection.cursor() as cursor:
        cursor.execute(NEAREST.format(alike=PGVECTOR if has_vectors() else BY_HAND), given)
        return [row for (row,) in cursor.fetchall()]


def fused(*orders: Sequence[str]) -> dict[str, float]:
    """Each id with what its places in the orders are worth together: reciprocal rank fusion."""
    worth: defaultdict[str, float] = defaultdict(float)
    for order in orders:
        for place, name in enumerate(order, start=1):
            worth[name] += 1 / (DAMPING + place)
    return dict(worth)


@cache
def has_vectors() -> bool:
    """Whether PostgreSQL has pgvector: it came with it when the tables were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')")
        return bool(cursor.fetchone()[0])

"""Looking up several things at once in what an agent may know: three statements for all of them (R-182)."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from agents.runs.services.knowledge import CORRECTED, Knowledge, Passage, has_likeness, lenders

STATEMENTS = 3
"""How many statements one look-up takes: whose passages, which words, the passages."""
WORDS = """
SELECT array_to_string(replace(plainto_tsquery('simple', said)::text, '&', '|') || {corrected}, ' | ')
FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS asked(said, place) ORDER BY place
"""
LIKELY = "ARRAY(SELECT quote_literal(lexeme) FROM (" + CORRECTED.replace("%(text)s", "asked.said") + ") likely)"
FOUND = """
SELECT asked.place, best.* FROM unnest(%(queries)s::text[]) WITH ORDINALITY AS asked(query, place)
CROSS JOIN LATERAL (
  SELECT p.source, p.ordinal, p.title, p.text, ts_rank(p.search, asked.query::tsquery, 1) AS rank,
    CASE WHEN p.agent_id = %(own)s THEN '' ELSE a.slug END AS lender
  FROM fleet_knowledgepassage p JOIN fleet_agent a ON a.id = p.agent_id
  WHERE p.agent_id = ANY(%(agents)s) AND p.search @@ asked.query::tsquery
  ORDER BY rank DESC, lender, source, ordinal LIMIT %(limit)s) best
ORDER BY asked.place, rank DESC, lender, source, ordinal
"""


def search_each(knowledge: Knowledge, texts: Sequence[str], limit: int) -> list[list[Passage]]:
    """For each of the texts what `Knowledge.search` finds by words, in their order."""
    with knowledge.threads.query():
        agents: list[uuid.UUID] = [knowledge.agent_id, *lenders(knowledge.agent_id)]
        corrected = LIKELY if has_likeness() else "ARRAY[]::text[]"
        with connection.cursor() as cursor:
            cursor.execute(WORDS.format(corrected=corrected), {"texts": list(texts), "agents": agents})
            queries = [row for (row,) in cursor.fetchall()]
            given: dict[str, Any] = {"own": knowledge.agent_id, "agents": agents, "queries": queries, "limit": limit}
            cursor.execute(FOUND, given)
            rows = cursor.fetchall()
    found: list[list[Passage]] = [[] for _ in texts]
    for place, *passage in rows:
        found[place - 1].append(Passage(*passage))
    return found

"""What the agent may look up: its own passages, and those of agents whose knowledge it was granted; nobody else's."""

import uuid
from dataclasses import dataclass
from functools import cache

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import Case, CharField, F, Value, When

from agents.engine import Json
from agents.fleet.models import KnowledgeGrant, KnowledgePassage
from agents.runs.services.threads import Threads

ANY_WORD = "SELECT replace(plainto_tsquery('simple', %s)::text, '&', '|')"
# Words of five letters and more that none of these passages has, each as the likest word that one has.
CORRECTED = """
SELECT DISTINCT near.lexeme FROM unnest(tsvector_to_array(to_tsvector('simple', %(text)s))) AS said
CROSS JOIN LATERAL (
  SELECT l.lexeme FROM fleet_knowledgepassage p CROSS JOIN LATERAL unnest(p.search) AS l
  WHERE p.agent_id = ANY(%(agents)s) AND said <<%% (p.title || ' ' || p.text) AND similarity(l.lexeme, said) >= 0.5
  ORDER BY similarity(l.lexeme, said) DESC, l.lexeme LIMIT 1) near
WHERE said ~ '^[[:alpha:]]{5,40}$' AND NOT EXISTS (SELECT FROM fleet_knowledgepassage p
  WHERE p.agent_id = ANY(%(agents)s) AND p.search @@ plainto_tsquery('simple', said))
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of a source; `rank` is PostgreSQL's, comparable within one search only.

    `lender` is the agent it was borrowed from, "" for the agent's own.
    """

    source: str
    ordinal: int
    title: str
    text: str
    rank: float
    lender: str = ""

    def cited_as(self, number: int, most: int) -> dict[str, Json]:
        """As a step keeps it: numbered p1… for citing, cut at `most` characters."""
        found = {"id": f"p{number}", "source": self.source, "title": self.title, "text": self.text[:most]}
        return found | ({"lender": self.lender} if self.lender else {})


@dataclass(frozen=True)
class Knowledge:
    agent_id: uuid.UUID
    threads: Threads

    def search(self, text: str, limit: int = 5) -> list[Passage]:
        """The passages that share words with `text`, best first; ties by source and place, so that a replay agrees.

        A word that no passage has counts as the likest one, where PostgreSQL has pg_trgm.
        """
        with self.threads.query():
            agents = [self.agent_id, *_lenders(self.agent_id)]
            query = SearchQuery(_any_word(text, agents), config="simple", search_type="raw")
            mine = When(agent_id=self.agent_id, then=Value(""))
            own = Case(mine, default=F("agent__slug"), output_field=CharField())
            found = KnowledgePassage.objects.filter(agent_id__in=agents, search=query)
            ranked = found.annotate(rank=SearchRank(F("search"), query, normalization=1), lender=own)
            best = ranked.order_by("-rank", "lender", "source", "ordinal")[:limit]
            return [Passage(*row) for row in best.values_list("source", "ordinal", "title", "text", "rank", "lender")]


def _lenders(agent_id: uuid.UUID) -> list[uuid.UUID]:
    return list(KnowledgeGrant.objects.filter(agent_id=agent_id).values_list("lender_id", flat=True))


def _any_word(text: str, agents: list[uuid.UUID]) -> str:
    """`text` as a tsquery of its words joined by OR: a ticket rarely has every word of a passage."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_WORD, [text])
        asked = str(cursor.fetchone()[0])
        if not (asked and has_likeness()):
            return asked
        cursor.execute(CORRECTED, {"text": text, "agents": agents})
        return " | ".join([asked, *(f"'{word}'" for (word,) in cursor.fetchall())])


@cache
def has_likeness() -> bool:
    """Whether PostgreSQL can tell how alike two words are: pg_trgm came with it when the tables were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])

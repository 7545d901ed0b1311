"""What the agent may look up: its own passages, nobody else's."""

import uuid
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F

from agents.fleet.models import KnowledgePassage
from agents.runs.services.threads import Threads


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of a source; `rank` is PostgreSQL's, comparable within one search only."""

    source: str
    ordinal: int
    title: str
    text: str
    rank: float


@dataclass(frozen=True)
class Knowledge:
    agent_id: uuid.UUID
    threads: Threads

    def search(self, text: str, limit: int = 5) -> list[Passage]:
        """The passages that share words with `text`, best first; ties by source and place, so that a replay agrees."""
        with self.threads.query():
            query = SearchQuery(_any_word(text), config="simple", search_type="raw")
            found = KnowledgePassage.objects.filter(agent_id=self.agent_id, search=query)
            ranked = found.annotate(rank=SearchRank(F("search"), query, normalization=1))
            best = ranked.order_by("-rank", "source", "ordinal")[:limit]
            return [Passage(*row) for row in best.values_list("source", "ordinal", "title", "text", "rank")]


def _any_word(text: str) -> str:
    """`text` as a tsquery of its words joined by OR: a ticket rarely has every word of a passage."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT replace(plainto_tsquery('simple', %s)::text, '&', '|')", [text])
        return str(cursor.fetchone()[0])

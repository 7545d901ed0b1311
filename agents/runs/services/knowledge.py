"""What the agent may look up: its own passages, and those of agents whose knowledge it was granted; nobody else's."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import Case, CharField, F, FloatField, QuerySet, Value, When

from agents.base.phrases import phrase
from agents.engine import Json, Result, Usage
from agents.fleet.embedding import NoVectors, embedded, embedding_model
from agents.fleet.models import KnowledgeGrant, KnowledgePassage
from agents.runs.services.nearness import POOL, fused, nearest
from agents.runs.services.threads import Threads

FIELDS = ("source", "ordinal", "title", "text", "rank", "lender")
BEST_FIRST = ("-rank", "lender", "source", "ordinal")
BY_WORDS_ALONE = phrase("by words alone: the embedding endpoint failed (%(fault)s)")
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
    """A citable piece of a source; `rank` is comparable within one search only.

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

    def search(self, text: str, limit: int = 5, nearest: Sequence[str] = ()) -> list[Passage]:
        """The passages that share words with `text`, best first; ties by source and place, so that a replay agrees.

        A word that no passage has counts as the likest one, where PostgreSQL has pg_trgm. With the ids of the
        `nearest` passages by meaning, both orders are fused: what either has is found, best what both have.
        """
        with self.threads.query():
            agents = [self.agent_id, *lenders(self.agent_id)]
            query = SearchQuery(_any_word(text, agents), config="simple", search_type="raw")
            mine = When(agent_id=self.agent_id, then=Value(""))
            own = Case(mine, default=F("agent__slug"), output_field=CharField())
            known = KnowledgePassage.objects.filter(agent_id__in=agents).annotate(lender=own)
            rank = SearchRank(F("search"), query, normalization=1)
            found: QuerySet[Any] = known.filter(search=query).annotate(rank=rank).order_by(*BEST_FIRST)
            if nearest:
                found = _fused(known, found, nearest).order_by(*BEST_FIRST)
            return [Passage(*row) for row in found.values_list(*FIELDS)[:limit]]

    @property
    def by_meaning(self) -> bool:
        """Whether an embedding endpoint is given."""
        return bool(embedding_model())

    def nearest(self, text: str) -> Result:
        """The ids of the passages nearest to `text` by meaning, and what its vector cost; none when the endpoint fails.

        A call with a price: make it through `context.call` and give what it brought to `search`.
        """
        found = self.nearest_each([text])
        return replace(found, output=found.output[0])

    def nearest_each(self, texts: Sequence[str]) -> Result:
        """The same for each of the texts, whose vectors are made in one request."""
        try:
            asked = embedded(texts)
        except NoVectors as error:
            return Result([[] for _ in texts], BY_WORDS_ALONE % {"fault": str(error)})
        with self.threads.query():
            agents, model = [self.agent_id, *lenders(self.agent_id)], embedding_model()
            found = [nearest(agents, model, *one) for one in zip(asked.vectors, texts, strict=True)]
        return Result(found, usage=Usage(model, "", asked.tokens, 0, asked.cost_micros))


def _fused(
    known: QuerySet[KnowledgePassage], by_words: QuerySet[KnowledgePassage], nearest: Sequence[str]
) -> QuerySet[KnowledgePassage]:
    """Of `known` what either order has, its worth in both as its rank."""
    worth = fused([str(pk) for pk in by_words.values_list("pk", flat=True)[:POOL]], nearest)
    ranks = [When(pk=pk, then=Value(value)) for pk, value in worth.items()]
    return known.filter(pk__in=worth).annotate(rank=Case(*ranks, output_field=FloatField()))


def lenders(agent_id: uuid.UUID) -> list[uuid.UUID]:
    """The agents whose passages it may use beside its own."""
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

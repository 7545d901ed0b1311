"""What an agent may look up, document by document, and whose knowledge it shares."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, F, Max, Q, QuerySet

from agents.fleet.embedding import embedding_model
from agents.fleet.models import Agent, KnowledgeGrant, KnowledgePassage


@dataclass(frozen=True, slots=True)
class Document:
    """One source, with its number of passages; `added_at` None where nobody had noted it yet."""

    source: str
    n: int
    added_at: dt.datetime | None
    added_by: str | None


def documents(agent: Agent) -> list[Document]:
    """The agent's own, by name."""
    rows = KnowledgePassage.objects.filter(agent=agent).values("source").order_by("source")
    told = rows.annotate(n=Count("pk"), added=Max("added_at"), who=Max(F("added_by__name")))
    return [Document(row["source"], row["n"], row["added"], row["who"]) for row in told]


@dataclass(frozen=True, slots=True)
class Vectors:
    """How many of the agent's passages have a vector of the model in use."""

    model: str
    n: int
    of: int


def vectors(agent: Agent) -> Vectors | None:
    """None where no embedding endpoint is given."""
    if not (model := embedding_model()):
        return None
    rows = KnowledgePassage.objects.filter(agent=agent)
    return Vectors(model, **rows.aggregate(n=Count("pk", filter=Q(vector__model=model)), of=Count("pk")))


def document_text(agent: Agent, source: str) -> str:
    """The document as it was taken in: its passages in order under their headings; "" for one it has not."""
    rows = KnowledgePassage.objects.filter(agent=agent, source=source).order_by("ordinal").values_list("title", "text")
    parts = [(title, [text for _title, text in group]) for title, group in groupby(rows, key=lambda row: row[0])]
    return "\n\n".join("\n\n".join([f"# {title}"] * bool(title) + texts) for title, texts in parts)


def knowledge_grants(agent: Agent) -> QuerySet[KnowledgeGrant]:
    """What the agent borrows and lends, oldest first."""
    rows = KnowledgeGrant.objects.filter(Q(agent=agent) | Q(lender=agent))
    return rows.select_related("agent", "lender", "granted_by").order_by("granted_at", "pk")

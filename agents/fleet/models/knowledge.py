"""What an agent may look up: its own passages, nobody else's."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from agents.base.models import Row
from agents.fleet.models.agents import Agent


class KnowledgePassage(Row):
    """A citable piece of a source document, found by PostgreSQL full text."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="passages")
    source = models.CharField(max_length=200)
    ordinal = models.PositiveIntegerField()
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="simple")
        + SearchVector("text", weight="B", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "source", "ordinal"], name="one_passage_per_place")]
        indexes = [GinIndex(fields=["search"], name="passage_search")]

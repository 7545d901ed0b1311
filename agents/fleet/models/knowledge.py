"""What an agent may look up: its own passages, and those of agents whose knowledge it was granted."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.models import Row
from agents.fleet.models.agents import Agent
from agents.people.models import User


class KnowledgePassage(Row):
    """A citable piece of a source document, found by PostgreSQL full text; who added it and when."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="passages")
    source = models.CharField(max_length=200)
    ordinal = models.PositiveIntegerField()
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    added_at = models.DateTimeField(null=True)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="simple")
        + SearchVector("text", weight="B", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "source", "ordinal"], name="one_passage_per_place")]
        indexes = [GinIndex(fields=["search"], name="passage_search")]


class PassageVector(Row):
    """Where a passage lies in the space of the embedding `model`: a vector of length 1.

    An array, so that it can be kept by any PostgreSQL; where pgvector is, it reads it as a vector.
    """

    passage = models.OneToOneField(KnowledgePassage, on_delete=models.CASCADE, related_name="vector")
    model = models.CharField(max_length=120)
    values = ArrayField(models.FloatField())
    at = models.DateTimeField(default=timezone.now)


class KnowledgeGrant(Row):
    """`agent` may look up what `lender` knows and, with `memories`, recall what it remembers of a customer."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="borrowed")
    lender = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="lent")
    memories = models.BooleanField(default=False)
    why = models.CharField(max_length=300)
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "lender"], name="one_knowledge_grant_per_pair"),
            models.CheckConstraint(condition=~Q(agent=F("lender")), name="knowledge_is_not_lent_to_oneself"),
        ]

"""Vectors of what agents know, for looking it up by meaning."""

from collections.abc import Sequence
from itertools import groupby

from django.db import transaction

from agents.base.actors import SYSTEM
from agents.fleet import verbs
from agents.fleet.embedding import embedded, embedding_model
from agents.fleet.models import KnowledgePassage, PassageVector
from audit.actions import record

AT_ONCE, MOST = 50, 1000
"""Passages in one request, and in one go."""


def embed_passages() -> int:
    """Every passage that has no vector of the model in use gets one, request by request; how many did.

    What a request brought is kept even if the next one fails. Raises NoVectors.
    """
    lacking = KnowledgePassage.objects.exclude(vector__model=embedding_model()).select_related("agent")
    made = 0
    for _agent, found in groupby(lacking.order_by("agent", "source", "ordinal")[:MOST], key=lambda one: one.agent_id):
        passages = list(found)
        for start in range(0, len(passages), AT_ONCE):
            made += _embed(passages[start : start + AT_ONCE])
    return made


def _embed(passages: Sequence[KnowledgePassage]) -> int:
    """Of one agent. Nothing is locked while the endpoint works; a passage that went meanwhile gets no vector."""
    model = embedding_model()
    found = embedded([f"{one.title}\n{one.text}".strip() for one in passages])
    values = {one.pk: vector for one, vector in zip(passages, found.vectors, strict=True)}
    with transaction.atomic():
        kept = KnowledgePassage.objects.select_for_update(no_key=True).filter(pk__in=values).order_by("pk")
        rows = [PassageVector(passage=one, model=model, values=values[one.pk]) for one in kept]
        again = ["model", "values", "at"]
        PassageVector.objects.bulk_create(rows, update_conflicts=True, unique_fields=["passage"], update_fields=again)
        agent = passages[0].agent
        record(
            verbs.KNOWLEDGE_EMBEDDED,
            actor=SYSTEM,
            team_id=agent.team_id,
            obj=agent,
            agent_id=agent.pk,
            passages=len(rows),
            model=model,
            tokens=found.tokens,
            cost_micros=found.cost_micros,
        )
    return len(rows)

"""The conversation that a run is a turn of."""

from django.db.models import QuerySet

from agents.fleet.models import Agent
from agents.runs.models import Run, Turn

MOST = 20
"""Turns that are shown, the newest."""


def conversation(run: Run, seen: QuerySet[Agent]) -> list[Run]:
    """The runs of the same thread whose agents are `seen`, oldest first; none where it stands alone."""
    threads = Turn.objects.filter(run=run).values("thread")
    turns = Turn.objects.filter(thread__in=threads, run__agent__in=seen).select_related("run__agent")
    found = [turn.run for turn in turns.order_by("-at", "-pk")[:MOST]]
    return found[::-1] if len(found) > 1 else []

"""Short-term memory: the conversation that a run is a turn of, over all agents of the team that take part (R-188)."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from agents.base.contacts import contact_key, spread
from agents.engine import Json
from agents.runs.models import Output, Run, ToolUse, Turn
from agents.runs.services.memories import whom
from agents.runs.services.threads import Threads

WITHIN = dt.timedelta(days=1)
"""How long messages of one address belong together where nobody says which thread they are of."""
IN_FULL, IN_A_LINE = 6, 12
"""The newest turns at hand as they were, and those before them in a line each; older ones are left."""
LONGEST, LINE = 600, 120
"""Characters of one message, and of one line."""
NAMED = ("thread", "conversation")


def thread_of(team_id: uuid.UUID, given: Mapping[str, Json]) -> tuple[str, bool]:
    """The keyed hash of the thread an input belongs to, "" for none, and whether it named one, or just an address."""
    told = spread(given)
    named = next((str(told[name]) for name in NAMED if told.get(name)), "")
    key = contact_key(team_id, f"thread {told.get('channel') or ''} {named}") if named else whom(team_id, given)
    return key, bool(named)


@dataclass(frozen=True)
class Conversation:
    run: Run
    threads: Threads

    def so_far(self) -> list[dict[str, str]]:
        """The turns before this run's, oldest first: who asked, what was answered and done, and which agent did."""
        team = self.run.agent.team_id
        thread, named = thread_of(team, self.run.input)
        if not thread:
            return []
        with self.threads.query():
            mine = Turn(run=self.run, thread=thread, about=whom(team, self.run.input))
            Turn.objects.bulk_create([mine], ignore_conflicts=True)
            before = Turn.objects.filter(thread=thread, run__created_at__lte=self.run.created_at).exclude(run=self.run)
            return told(before if named else before.filter(at__gt=timezone.now() - WITHIN))


def told(turns: QuerySet[Turn]) -> list[dict[str, str]]:
    """The newest of these turns, oldest first; three queries."""
    rows = list(turns.select_related("run__agent").order_by("-at", "-pk")[: IN_FULL + IN_A_LINE])
    runs = [row.run for row in rows]
    answers = dict(Output.objects.filter(run__in=runs).order_by("created_at").values_list("run_id", "content"))
    done: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    for run, tool in ToolUse.objects.filter(run__in=runs, changed=True).order_by("at").values_list("run_id", "tool"):
        done[run].append(tool)
    whole = [_turn(run, answers.get(run.pk, ""), done[run.pk]) for run in runs[:IN_FULL]]
    return [*(_line(run) for run in reversed(runs[IN_FULL:])), *reversed(whole)]


def _turn(run: Run, answered: str, done: list[str]) -> dict[str, str]:
    turn = _line(run) | {"asked": str(run.input.get("text", ""))[:LONGEST], "state": run.state}
    return turn | ({"answered": answered[:LONGEST]} if answered else {}) | ({"did": ", ".join(done)} if done else {})


def _line(run: Run) -> dict[str, str]:
    asked = " ".join(str(run.input.get("text", "")).split())[:LINE]
    return {"run": str(run.pk), "at": run.created_at.isoformat(), "by": run.agent.slug, "asked": asked}

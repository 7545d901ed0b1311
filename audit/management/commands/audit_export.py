"""Export the trail as JSON lines with proof; check it anywhere with audit/standalone.py and a copy of the heads."""

import datetime as dt
import sys
import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agents.base.actors import SYSTEM
from audit.actions import export_jsonl
from audit.models import AuditEvent
from audit.queries import search
from audit.sealing import seal


def day(text: str) -> dt.datetime:
    """A UTC day, from its first instant."""
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.min, dt.UTC)


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", type=uuid.UUID, help="id of the team; without it, everything")
        parser.add_argument("--from", type=day, dest="since", help="first UTC day, 2026-01-31")
        parser.add_argument("--to", type=day, dest="until", help="last UTC day, included")
        parser.add_argument("--run", type=uuid.UUID, help="id of one run: all that happened in it")
        parser.add_argument("--out", type=Path, help="file to write; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        seal()
        team, since, until, run = (options[name] for name in ("team", "since", "until", "run"))
        end = until + dt.timedelta(days=1) if until else None
        events = AuditEvent.objects.filter(team_id=team) if team else AuditEvent.objects.all()
        lines = export_jsonl(
            search(events, since=since, until=end, object_id=run),
            actor=SYSTEM,
            team_id=team,
            whole=not (team or since or until or run),
            since=since,
            until=until,
            run=run,
        )
        if options["out"]:
            with options["out"].open("w", encoding="utf-8") as file:
                file.writelines(lines)
        else:
            sys.stdout.writelines(lines)

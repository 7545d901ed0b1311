"""Verify the whole trail against its published heads; exit 1 when anything is not as it was."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agents.base.actors import SYSTEM
from audit.actions import verify
from audit.sealing import seal


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heads", type=Path, help="a copy of the published heads kept elsewhere")
        parser.add_argument("--json", action="store_true", help="machine-readable")

    def handle(self, *args: Any, **options: Any) -> None:
        seal()
        report = verify(actor=SYSTEM, heads=options["heads"])
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(report), "first_bad": report.first_bad}))
        else:
            for finding in report.findings:
                self.stdout.write(finding.message)
            self.stdout.write(f"{report.events} events in {report.seals} seals, {report.redacted} redacted")
            self.stdout.write(f"{report.unsealed} not yet sealed")
            self.stdout.write(
                f"NOT INTACT from event {report.first_bad}" if report.findings else f"INTACT, head {report.head}"
            )
        if report.findings:
            raise SystemExit(1)

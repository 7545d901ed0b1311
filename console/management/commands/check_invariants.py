"""Ask every app whether what must always hold does hold; exit 1 with the problems when it does not."""

import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

OURS = ("agents.", "audit", "campaigns", "console")


def invariants() -> list[tuple[str, Callable[[], list[str]]]]:
    """`INVARIANTS` of every app of ours that has them, lower apps first."""
    apps = [app for app in settings.INSTALLED_APPS if app.startswith(OURS)]
    modules = [import_module(f"{app}.invariants") for app in apps if find_spec(f"{app}.invariants")]
    return [invariant for module in modules for invariant in module.INVARIANTS]


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="machine-readable")

    def handle(self, *args: Any, **options: Any) -> None:
        problems = {name: check() for name, check in invariants()}
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not any(problems.values()), "invariants": problems}))
        else:
            for name, found in problems.items():
                self.stdout.write("\n  ".join([f"{'BROKEN' if found else 'ok'}  {name}", *found]))
        if any(problems.values()):
            raise SystemExit(1)

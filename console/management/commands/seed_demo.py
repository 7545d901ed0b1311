"""`manage.py seed_demo --stage night|morning|decided`: the demo team, built through the ordinary actions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from console.demo import build, stages
from console.supervisor import state

STAGES = ("night", "morning", "decided")


class Command(BaseCommand):
    help = "Builds the demo team: its night queued, its morning (runs done), or decided. An existing demo is replaced."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stage", choices=STAGES, default="night")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            build.drop()
            # Known before they are kept: people without a known password would lock everybody out of a demo.
            state.update(logins=build.build())
        if options["stage"] != "night":
            stages.run_night()
        if options["stage"] == "decided":
            stages.decide_all()
        self.stdout.write(f"Demo team ready at stage {options['stage']}.")

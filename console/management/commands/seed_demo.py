"""`manage.py seed_demo --stage night|morning|decided|priced|recalled`: the demo team, built by the ordinary actions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from agents.runs.enums import Queue
from agents.runs.wake import wire
from console.demo import build, drop, pricing, stages
from console.supervisor import state

STAGES = ("night", "morning", "decided", "priced", "recalled")


class Command(BaseCommand):
    help = (
        "Builds the demo team: its night queued, its morning (night done), decided, with the ticket's price changed at "
        "every agent, or that taken back. An existing demo is replaced."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stage", choices=STAGES, default="night")
        parser.add_argument("--workers", action="store_true", help="build the night; the workers make it morning")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            drop.drop()
            # Known before they are kept: people without a known password would lock everybody out of a demo.
            state.update(logins=build.build())
        if options["workers"]:
            wire.send("demo.morning", [], Queue.BULK)
        elif options["stage"] != "night":
            stages.morning()
        if options["stage"] == "decided":
            stages.decide_all()
        if options["stage"] in ("priced", "recalled"):
            self._say(pricing.change())
        if options["stage"] == "recalled":
            self._say(pricing.take_back())
        self.stdout.write(f"Demo team ready at stage {options['stage']}.")

    def _say(self, quotes: list[pricing.Quote]) -> None:
        for quote in quotes:
            self.stdout.write(str(quote))

"""`manage.py run_night --team SLUG`: the night now, so that the morning can begin."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.people.models import Team
from console.night import night


class Command(BaseCommand):
    help = "Fires due schedules, carries runs out, syncs every connection, opens the reviews of the day and ranks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--team", required=True, help="its short name")

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(slug=options["team"]).first()
        if team is None:
            raise CommandError(f"There is no team called {options['team']}.")
        for line in night(team):
            self.stdout.write(line)

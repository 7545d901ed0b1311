"""A bearer token for a machine, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.base.errors import Invalid, Refused
from agents.people.actions import create_token
from agents.people.enums import TokenScope
from agents.people.models import Team, User
from agents.people.queries import teams_of


class Command(BaseCommand):
    help = "Make an API token for a person. Its secret is printed once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--scope", required=True, nargs="+", action="extend", choices=TokenScope.values)
        parser.add_argument("--team", default="", metavar="SLUG", help="needed by who belongs to more than one")
        parser.add_argument("--days", type=int, default=90, help="how long it works, 365 at most")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {options['user']}.")
        team, scopes, days = _team(user, options["team"]), options["scope"], options["days"]
        try:
            token, secret = create_token(team, user, name="command line", scopes=scopes, days=days, actor=user)
        except Refused as refusal:
            raise CommandError(_say(refusal)) from refusal
        self.stdout.write(secret)
        self.stderr.write(f"Works for {user} in {team} until {token.expires_at:%Y-%m-%d}: {', '.join(token.scopes)}.")


def _team(user: User, slug: str) -> Team:
    teams = [team for team in teams_of(user) if slug in ("", team.slug)]
    if len(teams) != 1:
        known = ", ".join(teams_of(user).values_list("slug", flat=True)) or "none"
        raise CommandError(f"Say in which team with --team: {known}.")
    return teams[0]


def _say(refusal: Refused) -> str:
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    return " ".join([refusal.message, *(f"{name}: {' '.join(said)}" for name, said in fields.items())])

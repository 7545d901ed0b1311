"""Runs of another system's agent, from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agents.base.errors import Invalid, Refused
from agents.connectors.actions import Imported, import_runs
from agents.connectors.formats import FORMATS
from agents.fleet.actions import create_agent
from agents.fleet.enums import Function, OwnerRole, Vendor
from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.people.queries import teams_of

MOST_SHOWN = 20
DEMO_OWNERS = ("manager@demo.example", "second@demo.example")
SEATS = (OwnerRole.PRIMARY, OwnerRole.SECOND)


class Command(BaseCommand):
    help = "Take in runs from a file. The same file again adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--agent", required=True, metavar="SLUG")
        parser.add_argument("--team", default="", metavar="SLUG", help="needed where several teams have such an agent")
        parser.add_argument("--create", action="store_true", help="make the agent, in onboarding, if there is none")
        parser.add_argument(
            "--owner", action="append", default=[], metavar="EMAIL", help="with --create: the first is primary owner"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data = _bytes(options["file"])
        try:
            agent = _agent(options["agent"], options["team"]) or _made(options)
            done = import_runs(agent, data, format=options["format"])
        except Refused as refusal:
            raise CommandError(_say(refusal)) from refusal
        self._report(done)

    def _report(self, done: Imported) -> None:
        for place, why in done.rejected[:MOST_SHOWN]:
            self.stderr.write(f"rejected {place}: {why}")
        for kind, number in sorted(done.exceptions.items()):
            self.stdout.write(f"{number} × {kind}")
        told = {"runs": done.runs, "steps": done.steps, "skipped duplicates": done.skipped}
        told["rejected rows"] = len(done.rejected)
        self.stdout.write(", ".join(f"{number} {what}" for what, number in told.items()))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error


def _agent(slug: str, team: str) -> Agent | None:
    found = list(Agent.objects.filter(slug=slug).select_related("team"))
    found = [agent for agent in found if team in ("", agent.team.slug)]
    if len(found) > 1:
        raise CommandError(f"Say whose with --team: {', '.join(sorted(agent.team.slug for agent in found))}.")
    return found[0] if found else None


def _made(options: dict[str, Any]) -> Agent:
    slug, team_slug = options["agent"], options["team"]
    if not options["create"]:
        raise CommandError(f"There is no agent called {slug}. With --create it is made, in onboarding.")
    owners = [_owner(email) for email in options["owner"] or DEMO_OWNERS]
    return create_agent(
        _team(owners[0], team_slug),
        actor=owners[0],
        owners=list(zip(owners, [*SEATS, *[OwnerRole.BACKUP] * len(owners)], strict=False)),
        slug=slug,
        # It has worked before, or there were no runs to import: the limit on new agents is not about it.
        running_since=timezone.localdate(),
        name=slug.replace("-", " ").capitalize(),
        vendor=Vendor.WEBHOOK,
        function=Function.SUPPORT,
    )


def _owner(email: str) -> User:
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody signs in as {email}: name its owners with --owner.")
    return user


def _team(owner: User, slug: str) -> Team:
    teams = [team for team in teams_of(owner) if slug in ("", team.slug)]
    if len(teams) != 1:
        raise CommandError(f"Say with --team for which team of {owner}.")
    return teams[0]


def _say(refusal: Refused) -> str:
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    return " ".join([refusal.message, *(f"{name}: {' '.join(said)}" for name, said in fields.items())])

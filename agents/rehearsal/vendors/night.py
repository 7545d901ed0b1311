"""What a vendor's agent did: made up from a seed and a day alone, so that whoever asks again hears the same.

A seed that ends in `-silent` belongs to an agent that has said nothing for four days, one that ends in `-calm` to one
whose nights need nobody, and one that ends in `-asks` to one that each night hands one conversation over and fails in
another. One that begins with a trade and a language (`chat.es.`) belongs to one that speaks of that (lines.toml).
"""

import datetime as dt
import random
import tomllib
import zlib
from dataclasses import dataclass, replace
from itertools import chain, cycle
from pathlib import Path

PEOPLE = (
    ("Marta Gil", "Hydrant GmbH"),
    ("Owen Pritchard", "Bluefin Freight"),
    ("Yara Costa", "Lumen Dental"),
    ("Ines Duarte", "Serra Coffee"),
    ("Tomás Rey", "Parcel Nine"),
    ("Priya Raman", "Oakline Insurance"),
    ("Jonas Weber", "Kestrel Robotics"),
    ("Aiko Mori", "Harbor Analytics"),
    ("Luca Ferri", "Viale Motors"),
    ("Nadia Haddad", "Cedar Clinics"),
)
SAID: dict[str, dict[str, dict[str, list[tuple[str, str]]]]] = tomllib.loads(
    (Path(__file__).parent / "lines.toml").read_text(encoding="utf-8")
)
"""By trade, language and outcome: what the other side said, and what the agent answered."""
PLAIN = SAID["any"]["en"]
ODDS = ("booked", "replied", "replied", "replied", "quiet", "quiet", "quiet", "quiet", "escalated", "failed")
CALM = ("booked", "replied", "replied", "replied", "quiet")
"""How the nights without trouble come out, in turns."""
TROUBLE = ("escalated", "failed")
CALMLY, ASKING = "-calm", "-asks"
KNOWN = ("Tomás Rey", "Parcel Nine", "tomas.rey@parcel.example")
"""Whom every account that asks hands over, under one address: other people's agents write to him, too."""
NIGHT = dt.timedelta(hours=8)
SILENT, SILENCE = "-silent", dt.timedelta(days=4)


@dataclass(frozen=True)
class Happening:
    """One conversation of a night: with whom, when, how it came out, and what was said on both sides."""

    id: str
    at: dt.datetime
    until: dt.datetime
    name: str
    company: str
    outcome: str
    email: str

    @property
    def said(self) -> tuple[str, str]:
        """What the other side said, and what the agent answered: through a night, line by line."""
        trade, language, *_rest = [*self.id.split("."), "", ""]
        lines = SAID.get(trade, {}).get(language, {}).get(self.outcome, PLAIN[self.outcome])
        heard, spoken = lines[int(self.id[-2:]) % len(lines)]
        who = {"name": self.name.split()[0], "company": self.company}
        return heard.format(**who), spoken.format(**who)


def happenings(seed: str, since: dt.datetime, until: dt.datetime) -> list[Happening]:
    """Everything that ended in [since, until), oldest first."""
    until = min(until, dt.datetime.now(dt.UTC) - SILENCE) if seed.endswith(SILENT) else until
    first, last = since.astimezone(dt.UTC).date(), until.astimezone(dt.UTC).date()
    days = (first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [each for day in days for each in night(seed, day) if since <= each.until < until]


def night(seed: str, day: dt.date) -> list[Happening]:
    """The eight hours from midnight (UTC) of a day: four to eleven conversations."""
    dice = random.Random(f"{seed}/{day}")
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    begun = sorted(midnight + NIGHT * dice.random() for _ in range(dice.randint(4, 11)))
    made = [_one(dice, seed, f"{day:%Y%m%d}-{place:02d}", at) for place, at in enumerate(begun)]
    if not seed.endswith((CALMLY, ASKING)):
        return made
    outcomes = chain(TROUBLE if seed.endswith(ASKING) else (), cycle(CALM))
    told = [replace(each, outcome=outcome) for each, outcome in zip(made, outcomes, strict=False)]
    if seed.endswith(ASKING):
        name, company, email = KNOWN
        told[0] = replace(told[0], name=name, company=company, email=email)
    return told


def _one(dice: random.Random, seed: str, place: str, at: dt.datetime) -> Happening:
    """With somebody of the account's own: no other account has the address."""
    name, company = dice.choice(PEOPLE)
    until = at + dt.timedelta(minutes=dice.randint(2, 25))
    email = f"{name.split()[0].lower()}.{zlib.crc32(seed.encode()):x}@{company.split()[0].lower()}.example"
    moments = at.replace(microsecond=0), until.replace(microsecond=0)
    return Happening(f"{seed}-{place}", *moments, name, company, dice.choice(ODDS), email)

"""What an agent of the demo did in a night: made up from its name and the night's number, the same at each start."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from agents.connectors.ingest.documents import RunDocument
from agents.fleet.enums import Vendor
from console.demo.cast import DemoAgent
from console.demo.month import at, is_workday
from console.demo.work import ACCOUNTS, COMPANIES, COUNTRIES, EMPLOYEES, NAMES, WORK, Turn

EVENING, LENGTH = dt.time(22), dt.timedelta(hours=7, minutes=30)
FAILED, ASKED = 0.04, 0.05
"""How often a run fails, and how often it needs a person."""
WEEKEND = 0.5
MODEL = "gpt-5-mini"


@dataclass(frozen=True)
class Happened:
    """One run; `asked` when a person had to settle something of it."""

    document: RunDocument
    asked: bool = False

    @property
    def failed(self) -> bool:
        return self.document.status == "failed"


def night(agent: DemoAgent, number: int, day: dt.date, *, steps: int) -> list[Happened]:
    """The runs of the night that ends on the morning of `day`, each with at most so many steps."""
    dice = random.Random(f"{agent.slug}/{number}")
    begin = at(day - dt.timedelta(days=1), EVENING)
    target = agent.kpi.target
    begun = sorted(begin + LENGTH * dice.random() for _ in range(_how_many(agent, day, dice)))
    return [
        _one(agent, dice, f"{agent.slug}-{day:%Y%m%d}-{place:02d}", when, steps, due=agent.steady and place < target)
        for place, when in enumerate(begun)
    ]


def _how_many(agent: DemoAgent, day: dt.date, dice: random.Random) -> int:
    if agent.vendor == Vendor.MANUAL:
        return int(is_workday(day))
    usual = agent.pace if is_workday(day) else agent.pace * WEEKEND
    return max(agent.kpi.target if agent.steady else 1, round(usual * dice.uniform(0.6, 1.3)))


def _one(agent: DemoAgent, dice: random.Random, id: str, begun: dt.datetime, most: int, *, due: bool) -> Happened:
    """`due`: it comes to what its target counts."""
    work = WORK[agent.work]
    turns = work.turns.get(agent.language, work.turns["en"])
    counted = [each for each in turns if each.kind == agent.kpi.of]
    turn = dice.choice(counted) if due else dice.choices(turns, work.odds)[0]
    luck = 1.0 if due or agent.vendor == Vendor.MANUAL else dice.random()
    failed, asked = luck < FAILED, FAILED <= luck < FAILED + ASKED
    ended = begun + dt.timedelta(seconds=dice.randint(20, 900))
    document = _document(agent, dice, turn, failed=failed, external_id=id, begun=begun, ended=ended, most=most)
    return Happened(RunDocument.model_validate(document), asked)


def _document(
    agent: DemoAgent,
    dice: random.Random,
    turn: Turn,
    *,
    failed: bool,
    external_id: str,
    begun: dt.datetime,
    ended: dt.datetime,
    most: int,
) -> dict[str, Any]:
    name, company = dice.choice(NAMES), dice.choice(ACCOUNTS.get(agent.slug, COMPANIES))
    heard, spoken = (text.format(name=name.split()[0], company=company) for text in (turn.heard, turn.spoken))
    made = list(_steps(agent, dice, heard, spoken, begun, ended, failed=failed))
    steps, whole = made[-most:], len(made) <= most
    return {
        "external_id": external_id,
        "status": "failed" if failed else "done",
        "title": f"{name}, {company}: {heard}"[:200],
        "input": {"text": heard, "customer": name}
        | (_contact(name, company) if whole and agent.slug in ACCOUNTS else {}),
        "result": None if failed else {"kind": turn.kind},
        "error": "The other side did not take it: the mailbox does not exist." if failed else "",
        "cost_micros": 0 if agent.vendor == Vendor.MANUAL else dice.randint(20_000, 120_000),
        "started_at": begun,
        "finished_at": ended,
        "steps": steps,
        "outputs": [] if failed else [{"kind": turn.kind, "content": spoken, "step": steps[-1]["key"]}],
    }


def _contact(name: str, company: str) -> dict[str, Any]:
    """To whom it wrote, with what rules may ask of them; a night told in brief leaves it out."""
    place = COMPANIES.index(company)
    email = f"{slugify(name).replace('-', '.')}@{slugify(company)}.example"
    return {"contact": {"email": email, "country": COUNTRIES[place], "employees": EMPLOYEES[place]}}


def _steps(
    agent: DemoAgent,
    dice: random.Random,
    heard: str,
    spoken: str,
    begun: dt.datetime,
    ended: dt.datetime,
    *,
    failed: bool,
) -> Iterator[dict[str, Any]]:
    """As far as the chain of the agent's work goes; the last one carries what was said, or the failure."""
    chain = WORK[agent.work].chain
    each = (ended - begun) / len(chain)
    for place, (name, kind, thinks) in enumerate(chain):
        last = place == len(chain) - 1
        yield {
            "key": f"{name}/1",
            "name": name,
            "kind": kind,
            "effect": "write" if last else "read",
            "status": "failed" if last and failed else "confirmed",
            "input": {"text": heard},
            "output": None if last and failed else {"text": spoken if thinks or last else "ok"},
            "error": "The mailbox does not exist." if last and failed else "",
            "model": MODEL if thinks else "",
            "tokens_in": dice.randint(300, 1800) if thinks else 0,
            "tokens_out": dice.randint(40, 300) if thinks else 0,
            "started_at": begun + each * place,
            "finished_at": begun + each * (place + 1),
        }

"""A month of the demo's past, written as ingest writes rows, and settled as people settle it."""

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from agents.base.money import MICRO
from agents.channels.enums import Survey
from agents.channels.models import Rating
from agents.connectors import verbs as reported
from agents.connectors.ingest import rows
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent, Assignment, KpiPoint
from agents.runs import verbs
from agents.runs.enums import RunState
from agents.runs.models import Output, Run
from agents.runs.status import look
from audit.actions import record_each
from console.demo.bulk import copy
from console.demo.cast import DemoAgent
from console.demo.month import Month
from console.demo.nights import Happened, night
from console.demo.past import Settled, settle
from console.kpis.customers import TURNED_TO

DETAILED, FULL, BRIEF = 3, 10, 2
"""The last nights are told step by step, those before by how they ended."""
ANSWER = 0.3
"""Share of the customers who answer when asked how satisfied they are."""
SILENT_FOR = 5
"""Nights that an agent which fell silent has left out: more than its usual gap three times over."""


@dataclass(frozen=True)
class Told:
    """One run of the history: its row, and what it was made from."""

    run: Run
    happened: Happened
    day: dt.date


def write(month: Month, agents: dict[DemoAgent, Agent]) -> None:
    """Runs, steps, outputs, figures and what people decided, of every agent and night of the month."""
    told = {agent: _told(month, wanted, agent) for wanted, agent in agents.items()}
    every = [each for found in told.values() for each in found]
    copy([each.run for each in every])
    rows.copy_steps([row for each in every for row in rows.step_rows(each.run, each.happened.document)])
    copy(_outputs(every))
    copy(_ratings(every))
    copy([point for wanted, agent in agents.items() for point in _points(month, wanted, agent, told[agent])])
    for agent, found in told.items():
        verb = verbs.RUN_DONE if agent.vendor == Vendor.OURS else reported.RUN_REPORTED
        said = ((each.run, {"state": each.run.state, "source": each.run.source}) for each in found)
        record_each(verb, said, actor=agent.actor, team_id=agent.team_id, agent_id=agent.pk)
    settle(month, [Settled(each.run, each.happened.asked, month.morning_of(each.day)) for each in every])


def observe(agents: Iterable[Agent]) -> None:
    """What each agent's rows say of it now."""
    for agent in agents:
        look(agent, reached=True)


def _told(month: Month, wanted: DemoAgent, agent: Agent) -> list[Told]:
    assignment = Assignment.objects.select_related("flow_version__flow").filter(agent=agent).first()
    nights = month.nights[:-SILENT_FOR] if wanted.silent else month.nights
    return [
        Told(_run(agent, each, assignment), each, day)
        for number, day in enumerate(nights)
        for each in night(wanted, number, day, steps=FULL if number >= len(month.nights) - DETAILED else BRIEF)
    ]


def _run(agent: Agent, happened: Happened, assignment: Assignment | None) -> Run:
    run = rows.run_of(agent, happened.document, source_of(agent))
    run.arrived_at = run.state_since
    if agent.vendor == Vendor.OURS:
        run.is_rehearsal = True
        run.flow_version = assignment.flow_version if assignment else None
        run.pattern = assignment.flow_version.flow.pattern if assignment else ""
    return run


def source_of(agent: Agent) -> str:
    """Who reports the agent's runs, as each way in says it; nobody for ours."""
    if agent.vendor == Vendor.OURS:
        return ""
    if agent.vendor == Vendor.MANUAL:
        return "check_in"
    return f"hook:{agent.slug}" if agent.vendor == Vendor.WEBHOOK else f"sync:{agent.vendor}"


def _outputs(told: list[Told]) -> list[Output]:
    """Made when the run ended; what ours published has passed its guardrails."""
    found = []
    for each in told:
        for output in rows.outputs_of(each.run, each.happened.document):
            output.created_at = each.run.state_since
            if not each.run.source:
                output.pass_record, output.published_at = {"publishable": True, "verdicts": []}, each.run.state_since
            found.append(output)
    return found


def _ratings(told: list[Told]) -> list[Rating]:
    """What customers answered: some do, and those whose conversation went on to a person are less pleased."""
    found = []
    for each in told:
        dice = random.Random(f"{each.run.agent.slug}/{each.day}/{each.run.external_id}")
        if each.run.state == RunState.DONE and each.run.agent.function in TURNED_TO and dice.random() < ANSWER:
            pleased = dice.random() < (0.5 if each.happened.asked else 0.85)
            score = dice.choice((4, 5, 5) if pleased else (1, 2, 3))
            found.append(Rating(run=each.run, survey=Survey.CSAT, score=score, at=each.run.state_since))
    return found


def _points(month: Month, wanted: DemoAgent, agent: Agent, told: list[Told]) -> list[KpiPoint]:
    """What `console.kpis` would measure of the same rows, and the agent's own figure."""
    by_day: dict[dt.date, list[Told]] = {day: [] for day in month.nights}
    for each in told:
        by_day[each.day].append(each)
    return [
        KpiPoint(agent=agent, key=key, day=day, value=value, sample_size=len(found))
        for day, found in by_day.items()
        for key, value in _values(wanted, agent, found).items()
        if value or key in ("spend", wanted.kpi.key)
    ]


def _values(wanted: DemoAgent, agent: Agent, told: list[Told]) -> dict[str, Decimal]:
    kinds = [output.kind for each in told for output in each.happened.document.outputs]
    meetings = kinds.count("meeting")
    won = (meetings + kinds.count("opportunity")) * agent.value_per_outcome_micros
    own = kinds.count(wanted.kpi.of)
    if wanted.kpi.of == "finding":
        dice = random.Random(f"{wanted.slug}/{told[0].day}" if told else "")
        own = round(wanted.kpi.target * dice.uniform(0.7, 1.4)) if told else 0
    cost = sum(each.run.cost_micros for each in told)
    found = {wanted.kpi.key: own, "meetings": meetings, "pipeline": won / MICRO}
    return {key: Decimal(value) for key, value in found.items()} | {"spend": Decimal(cost) / MICRO}

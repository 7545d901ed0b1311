"""Runs and their steps, as they go over the wire."""

import datetime as dt
import uuid
from typing import Any

from ninja import Field, Schema
from pydantic import SkipValidation

from agents.runs.actions.lane import DEADLINE_S, LONGEST_S
from agents.runs.enums import Channel, Queue
from agents.runs.inputs import MOST_SLA_MINUTES
from console.api.problems import Problem


class RunIn(Schema):
    """One ticket: `text` is what the customer wrote. The same `external_id` again is the same run.

    Of the runs that wait in a queue, the one whose `sla_minutes` end soonest goes first.
    """

    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=20_000)
    customer: str = Field("", max_length=200)
    title: str = Field("", max_length=200)
    external_id: str | None = Field(None, min_length=1, max_length=200)
    queue: Queue = Queue.BULK
    channel: Channel | None = None
    sla_minutes: int | None = Field(None, ge=1, le=MOST_SLA_MINUTES)


class AskIn(Schema):
    """A ticket that somebody waits for, `within_s` seconds. The same `external_id` again is the same run."""

    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=20_000)
    customer: str = Field("", max_length=200)
    external_id: str | None = Field(None, min_length=1, max_length=200)
    channel: Channel | None = None
    within_s: float = Field(DEADLINE_S, gt=0, le=LONGEST_S)


class RunOut(Schema):
    """Money in micro-units of `currency`, null where the run's system does not say what it cost."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    title: str
    external_id: str | None
    state: str
    state_since: dt.datetime
    reason: str
    pattern: str
    input: Any
    result: Any
    is_rehearsal: bool
    steps_done: int
    cost_micros: int | None
    currency: str
    created_at: dt.datetime
    answer_by: dt.datetime | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @staticmethod
    def resolve_cost_micros(run: Any) -> int | None:
        return run.cost_micros if run.is_cost_told else None


class StepOut(Schema):
    key: str
    seq: int
    node: str
    kind: str
    branch: str
    state: str
    input: Any
    output: Any
    error: str
    reason: str
    model: str
    prompt_version: str
    tokens_in: int
    tokens_out: int
    cost_micros: int | None
    currency: str
    latency_ms: int
    cost_center: str
    use_case: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @staticmethod
    def resolve_cost_micros(step: Any) -> int | None:
        return step.cost_micros if step.is_cost_told else None


class RunDetailOut(RunOut):
    steps: list[StepOut]

    @staticmethod
    def resolve_steps(run: Any) -> Any:
        return list(run.steps.all())


class BatchIn(Schema):
    """Each item as for a single run; they are checked one by one."""

    model_config = {"extra": "forbid"}

    items: list[SkipValidation[RunIn]] = Field(min_length=1, max_length=500)


class Reported(Schema):
    """What became of the item at `index`: its run, or its problem."""

    index: int
    status: int
    run: RunOut | None = None
    problem: Problem | None = None


class BatchOut(Schema):
    started: int
    refused: int
    results: list[Reported]

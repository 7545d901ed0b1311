"""Run → Step → Output: what an agent did. Never edited, only ended or followed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent, FlowVersion, Instruction, Schedule
from agents.fleet.toolbox import Why
from agents.people.models import User
from agents.runs.enums import TERMINAL, Queue, RunSignal, RunState, StepState

ENDED = (RunState.DONE, RunState.FAILED, RunState.QUARANTINED)
"""How a run comes out, as its agent's status tells it: without the cancelled ones."""
RUNNING = "r.state || '' = 'running'"
"""As SQL, of one run found by its id: spelled so that PostgreSQL does not go through all that run instead. While few
do, it takes the index of these, with all its dead entries, for as short a way as the primary key."""
ITEM = "item"
"""The subject's type of a run that works out an answer for an item of the queue; the subject is that item."""
KEYS = ("ask:", "delegated:", "form:", "rerun:", "try:")
"""How an external id of our own begins, given so that a second click starts nothing; it says nothing to people."""


class Run(Row):
    """One execution of an agent. It is its own outbox: a queued row is published on commit, and swept if that was lost.

    `fence` is the fencing token: it grows with every claim, and every write of a worker carries the value it got.
    `attempt` counts claims since the last committed step or willing yield; at three deaths the run is quarantined.
    `signal` is what a person wants of it; a queued or waiting run with the signal "pause" is paused.
    `last_seq` numbers the steps, `steps_done` counts those that ended; `context_*` is what campaigns gave it to know,
    `instruction` what its people had told the agent when it was first claimed.
    `source` says who reported a run that another system carries out ("" for our own): no worker of ours takes it.
    `answer_by` is when its own SLA ends: of one queue, the earliest is taken first, and one without any last.
    `flags` say what had to be done to take its report as it is; `arrived_at` is when it came, often after its end.
    """

    untold: Exception | None = None
    """No column: why the worker that has just claimed it could not be told what to know."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="runs")
    flow_version = models.ForeignKey(FlowVersion, on_delete=models.RESTRICT, null=True, related_name="+")
    pattern = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=200, null=True)
    title = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    input = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    context_text = models.TextField(blank=True)
    context_sha256 = models.CharField(max_length=64, blank=True)
    instruction = models.ForeignKey(Instruction, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    is_rehearsal = models.BooleanField(default=False)
    source = models.CharField(max_length=60, blank=True)
    flags = models.JSONField(default=list)
    arrived_at = models.DateTimeField(null=True)

    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    state_since = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=300, blank=True)
    queue = models.CharField(max_length=10, choices=Queue.choices, default=Queue.BULK)
    run_after = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    signal = models.CharField(max_length=10, choices=RunSignal.choices, blank=True)
    published_at = models.DateTimeField(null=True)

    last_seq = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    cost_micros = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    rerun_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="reruns")
    schedule = models.ForeignKey(Schedule, on_delete=models.SET_NULL, null=True, db_index=False, related_name="fires")
    due_at = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "external_id"], name="one_run_per_external_id"),
            models.UniqueConstraint(fields=["schedule", "due_at"], name="one_run_per_schedule_and_instant"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(
                condition=~Q(state=RunState.RUNNING, source="") | Q(lease_until__isnull=False),
                name="a_running_run_has_a_lease",
            ),
            # What another system carries out is never claimed, collected or published by ours.
            models.CheckConstraint(
                condition=Q(source="") | (~Q(state=RunState.QUEUED) & Q(lease_until__isnull=True)),
                name="a_reported_run_is_not_ours_to_run",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state=RunState.QUEUED), name="run_queued"),
            models.Index(
                fields=["queue", "answer_by"],
                condition=Q(state=RunState.QUEUED, answer_by__isnull=False),
                name="run_pressing",
            ),
            # Not on lease_until: every step renews it, and an indexed column would cost each step an index entry.
            models.Index(fields=["agent"], condition=Q(state=RunState.RUNNING), name="run_running"),
            models.Index(fields=["-created_at"], name="run_newest"),
            models.Index(fields=["agent", "-created_at"], name="run_agent_newest"),
            models.Index(fields=["agent", "-state_since"], name="run_agent_changed"),
            models.Index(
                fields=["agent", "arrived_at"], condition=Q(arrived_at__isnull=False), name="run_agent_arrived"
            ),
            models.Index(fields=["state", "-created_at"], name="run_state_newest"),
            models.Index(fields=["agent", "-created_at"], condition=Q(state__in=ENDED), name="run_agent_ended"),
            models.Index(fields=["subject_id", "-id"], condition=Q(subject_type=ITEM), name="run_of_item"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)

    @property
    def audit_label(self) -> str:
        return f"run {short(self.pk)}"

    @property
    def ticket(self) -> str:
        """The id that it has where it came from; empty where that is here."""
        given = self.external_id or ""
        return "" if given.startswith(KEYS) else given

    @property
    def is_cost_told(self) -> bool:
        """What another system carried out and says no price of was not free."""
        return not self.source or self.cost_micros > 0

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    @property
    def only_proposes(self) -> bool:
        """Whether a person asked for it and decides what becomes of it: its texts stay here, its tools only try."""
        return self.subject_type == ITEM

    @property
    def is_late(self) -> bool:
        """Whether its own SLA ended before it did; of one that is under way, whether it has ended by now."""
        return self.answer_by is not None and self.answer_by < (self.finished_at or timezone.now())

    @property
    def is_paused(self) -> bool:
        return self.signal == RunSignal.PAUSE and self.state in (RunState.QUEUED, RunState.WAITING)


class Step(Row):
    """One thing a run did: what went in, what came out, what it cost, and why.

    `key` is deterministic (node path, visit, branch, call); `seq` is for display. `error` on a confirmed step says that
    its exit criterion was not met. `retry_after` (seconds) is set while a failed step will be called again.
    `sunk_micros` is what earlier tries cost, a part of `cost_micros` once the last one has ended.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="steps")
    key = models.CharField(max_length=200)
    seq = models.PositiveIntegerField()
    node = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    effect = models.CharField(max_length=12, default="read")
    branch = models.CharField(max_length=80, blank=True)
    visit = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.CONFIRMED)
    fence = models.BigIntegerField(default=0)
    input = models.JSONField(null=True)
    input_sha256 = models.CharField(max_length=64, blank=True)
    output = models.JSONField(null=True)
    error = models.TextField(blank=True)
    fault = models.CharField(max_length=60, blank=True)
    retry_after = models.FloatField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost_micros = models.BigIntegerField(default=0)
    sunk_micros = models.BigIntegerField(default=0, db_default=0)
    currency = models.CharField(max_length=3, default="USD")
    latency_ms = models.PositiveIntegerField(default=0)
    cost_center = models.CharField(max_length=60, blank=True)
    use_case = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_step_per_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def is_cost_told(self) -> bool:
        """As of a run: a reported step that says nothing was not free."""
        return self.cost_micros > 0 or not self.run.source

    @property
    def is_held_back(self) -> bool:
        """Whether a freeze refused it and the thaw lets it go; `REFUSED` of `runs.actions.thawing` asks SQL that."""
        return self.fault == Why.FROZEN and self.retry_after is not None


class Output(Row):
    """What a run produced for somebody. Without a pass record of the guardrails it cannot be published."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="outputs")
    step_key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    content = models.TextField()
    data = models.JSONField(default=dict)
    pass_record = models.JSONField(null=True)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "step_key"], name="one_output_per_step"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(pass_record__isnull=False),
                name="no_publication_without_pass_record",
            ),
        ]

    def __str__(self) -> str:
        return self.kind

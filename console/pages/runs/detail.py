"""Everything the page of one run shows, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from agents.base.ids import uuid7
from agents.channels.models import Rating
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Model
from agents.fleet.permissions import agents_for, verbs_on
from agents.flows.traits import Shown, shown
from agents.people.models import User
from agents.runs.enums import ExceptionState, RunSignal, RunState
from agents.runs.lineage import Lineage, lineage
from agents.runs.models import Hold, Output, Run, RunException, Step
from agents.runs.queries.batched import Batched, batched
from agents.runs.queries.conversation import conversation
from agents.runs.queries.delegations import Delegation, delegations
from agents.runs.queries.explain import Blast, Why, answers, blast
from agents.runs.queries.handed import Handed, delegated_by, handed
from agents.runs.queries.lanes import hold_of
from agents.runs.queries.spending import Spending, in_band, spending
from agents.runs.queries.timing import Saving, saving
from agents.runs.services.conversation import thread_of
from audit.models import AuditEvent
from campaigns.models import ContextVersion
from console.kpis.customers import TURNED_TO
from console.pages.runs.decided import Decided, decided
from console.pages.runs.doubt import Doubt, doubt
from console.pages.runs.graph import Drawing, drawing
from console.pages.runs.recorded import exceptions_of, trail_of
from console.pages.runs.timeline import Bar, bars, figure

PAUSABLE = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True)
class RunPage:
    """A run with what became of it. `may` holds the verbs that the reader has on its agent, `seen` whom they see."""

    run: Run
    steps: list[Step]
    outputs: list[Output]
    exceptions: list[RunException]
    events: list[AuditEvent]
    may: frozenset[Verb]
    seen: QuerySet[Agent]
    looked_at: int | None = None
    """The number of the step whose consequences the reader asks for."""

    @cached_property
    def lineage(self) -> Lineage:
        version = self.run.flow_version
        return lineage(version.graph if version else None, self.steps)

    @cached_property
    def answers(self) -> list[Why]:
        return answers(self.lineage, self.outputs, self.exceptions)

    @cached_property
    def blast(self) -> Blast | None:
        """What was made from the first bad step, or from the one that was asked for."""
        return blast(self.lineage, self.outputs, self.looked_at)

    @cached_property
    def conversation(self) -> list[Run]:
        """The turns of the conversation it belongs to, as far as the reader may see them."""
        thread, _named = thread_of(self.run.agent.team_id, self.run.input)
        return conversation(self.run, self.seen) if thread else []

    @cached_property
    def ratings(self) -> list[Rating]:
        """What the customer answered when asked."""
        return list(self.run.ratings.order_by("survey"))

    @cached_property
    def reruns(self) -> list[Run]:
        """What was started again after it; asked for only where something is to be put right."""
        return list(self.run.reruns.order_by("created_at", "pk"))

    @cached_property
    def drawing(self) -> Drawing | None:
        """None for a run without a graph: one of a vendor's, say."""
        version = self.run.flow_version
        return drawing(version.graph, self.steps, over=self.run.is_over) if version and version.graph else None

    @cached_property
    def bars(self) -> list[Bar]:
        return bars(self.steps, now=timezone.now())

    @cached_property
    def figure(self) -> dict[str, Any]:
        return figure(self.bars)

    @property
    def shown_state(self) -> str:
        """A paused run says so, though its state tells where it will go on."""
        return "paused" if self.run.is_paused else self.run.state

    @property
    def open_exceptions(self) -> list[RunException]:
        return [each for each in self.exceptions if each.state == ExceptionState.OPEN]

    @property
    def tokens(self) -> tuple[int, int]:
        return sum(step.tokens_in for step in self.steps), sum(step.tokens_out for step in self.steps)

    @property
    def wall_ms(self) -> int | None:
        """From the first claim to the end, or until now."""
        if self.run.started_at is None:
            return None
        return round(((self.run.finished_at or timezone.now()) - self.run.started_at).total_seconds() * 1000)

    @property
    def waited_ms(self) -> int:
        return sum(bar.wait_ms for bar in self.bars)

    @cached_property
    def spending(self) -> Spending:
        return spending(self.run, self.steps)

    @cached_property
    def decided(self) -> Decided | None:
        """Why its plan took which route; None without a plan, or one that says nothing of it."""
        plan = self.spending.plan
        return decided(plan, self.run.currency) if plan else None

    @cached_property
    def hold(self) -> Hold | None:
        """Why a queued run has not begun, where other work goes first."""
        return hold_of(self.run) if self.run.state == RunState.QUEUED else None

    @property
    def waits_for_thaw(self) -> bool:
        return self.run.run_after is not None and any(step.is_held_back for step in self.steps)

    @cached_property
    def windows(self) -> dict[str, int]:
        """How many tokens each model of the run takes at once, where that is known."""
        names = {step.model for step in self.steps if step.model}
        rows = Model.objects.filter(team=self.run.agent.team_id, name__in=names)
        told = rows.values_list("name", "context_window") if names else ()
        return {name: window for name, window in told if window}

    @property
    def in_band(self) -> bool:
        """Whether it cost what unconstrained agents burn."""
        return in_band(self.run.cost_micros)

    @cached_property
    def saving(self) -> Saving:
        return saving(self.steps)

    @cached_property
    def delegations(self) -> list[Delegation]:
        """Who was set to work; of a run of ours."""
        return delegations(self.lineage, self.outputs) if self.run.flow_version else []

    @cached_property
    def handed(self) -> list[Handed]:
        """Tasks it gave to other agents; of a run of ours."""
        return handed(self.steps, self.run.agent.team_id) if self.run.flow_version else []

    @property
    def delegated_by(self) -> UUID | None:
        return delegated_by(self.run)

    @property
    def unneeded(self) -> int:
        """How many activations nothing rests on, once it is over."""
        return sum(not one.used for one in self.delegations) if self.run.is_over else 0

    @cached_property
    def batched(self) -> Batched:
        """What calls for several inputs at once saved."""
        return batched(self.steps)

    @cached_property
    def controls(self) -> frozenset[str]:
        """What the reader may do with the run as it stands."""
        return frozenset(name for name, verb in self._offered().items() if verb in self.may)

    @cached_property
    def traits(self) -> list[Shown]:
        """Which of its steps show the pattern of its flow; of a run of ours."""
        version = self.run.flow_version
        return shown(version.graph, self.steps) if version else []

    @property
    def may_mark(self) -> bool:
        """Whether the reader may say that it was wrong, and nobody has yet."""
        return self.run.is_over and Verb.REVIEW in self.may and not hasattr(self.run, "flaw")

    @property
    def may_rate(self) -> bool:
        """Whether the reader may keep what its customer answered."""
        return self.run.agent.function in TURNED_TO and self.run.is_over and Verb.REVIEW in self.may

    def _offered(self) -> Mapping[str, Verb]:
        if self.run.source:
            return {}
        run, paused = self.run, self.run.signal == RunSignal.PAUSE
        offered = {
            "again": (run.is_over, Verb.INSTRUCT),
            "pause": (run.state in PAUSABLE and not run.signal, Verb.PAUSE),
            "resume": (paused and not run.is_over, Verb.PAUSE),
            "cancel": (not run.is_over and run.signal != RunSignal.CANCEL, Verb.PAUSE),
            "release": (run.state == RunState.QUARANTINED, Verb.INSTRUCT),
        }
        return {name: verb for name, (fits, verb) in offered.items() if fits}

    @cached_property
    def doubt(self) -> Doubt | None:
        """Of a run that is over; before, nobody knows how it comes out."""
        return doubt(self.run, self.steps) if self.run.is_over else None

    @cached_property
    def versions(self) -> list[ContextVersion]:
        """The campaigns' versions that the run was given; asked for only when it was given any."""
        if not self.run.context_sha256:
            return []
        rows = ContextVersion.objects.filter(uses__run=self.run)
        return list(rows.select_related("campaign").order_by("campaign__name"))

    @property
    def key(self) -> str:
        """For a button that must act once."""
        return str(uuid7())


def detail(user: User, run: Run, looked_at: int | None = None) -> RunPage:
    """`run` with its steps, outputs, exceptions with their decisions, and trail. `looked_at`: a step's number."""
    exceptions = list(exceptions_of(run))
    return RunPage(
        run=run,
        steps=list(run.steps.order_by("seq")),
        outputs=list(run.outputs.order_by("created_at", "pk")),
        exceptions=exceptions,
        events=list(trail_of(run, exceptions)),
        may=verbs_on(user, run.agent),
        seen=agents_for(user, Verb.VIEW),
        looked_at=looked_at,
    )

"""A run as another system tells it: the one JSON contract that API, webhooks, files and adapters speak.

Times carry their zone. Money is `cost` as decimal text ("0.0123") or `cost_micros` as whole micro-units, never a JSON
number with a point. `steps` come in their order; a step without a `key` is known by its place.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from django.utils import timezone
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from agents.base.errors import Invalid
from agents.base.money import LARGEST, parse_micros
from agents.connectors.ingest.asks import Ask, ask_of
from agents.runs.briefings import PARTS
from agents.runs.enums import RunState, StepState

SKEW = timedelta(minutes=5)
"""How far ahead of ours another's clock may be before we say so."""
SKEWED = "clock_skew"
MOST_STEPS = 10_000
Status = Literal["running", "waiting", "done", "failed", "cancelled"]
Text = Annotated[str, StringConstraints(max_length=1_000_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Tag = Annotated[str, StringConstraints(max_length=60)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", use_enum_values=True)


class Costed(Document):
    """What something cost; unknown when neither is given."""

    cost: Annotated[str, Field(max_length=21, strict=True)] | None = None
    cost_micros: Annotated[StrictInt, Field(ge=0, le=LARGEST)] | None = None

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.cost is not None:
            try:
                self.cost_micros = parse_micros(self.cost)
            except Invalid as why:
                raise ValueError(why.message) from None
        return self


class StepDocument(Costed):
    """One thing the run did. A call of a tool is a step of kind `tool`: arguments in `input`, result in `output`.

    `cost_center` and `use_case` where they are others than the run's.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=180)] | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    kind: Annotated[str, StringConstraints(pattern="^[a-z_]+$", max_length=20)] = "role"
    effect: Literal["read", "write", "destructive"] = "read"
    status: StepState = StepState.CONFIRMED
    input: Any = None
    output: Any = None
    error: Text = ""
    reason: Text = ""
    model: Annotated[str, StringConstraints(max_length=120)] = ""
    tokens_in: Count = 0
    tokens_out: Count = 0
    latency_ms: Count = 0
    cost_center: Tag = ""
    use_case: Tag = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class OutputDocument(Document):
    """What the run made for somebody. `step`: the key of the step that made it."""

    kind: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    content: Text
    data: dict[str, Any] = {}
    step: Annotated[str, StringConstraints(max_length=180)] = ""


class RunDocument(Costed):
    """One run. The same `external_id` of the same agent is the same run: told again, it may only go on.

    `asks`: what it needs of people, in our words or in those of Agent Inbox, LangChain, HumanLayer, AG-UI or A2A.
    `cost_center`, `use_case`: who pays for it and what it is for; unless told, the agent's function and its outcome.
    """

    external_id: Id
    status: Status = "done"
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    input: Any = None
    result: Any = None
    error: Annotated[str, StringConstraints(max_length=100_000)] = ""
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "USD"
    cost_center: Tag = ""
    use_case: Tag = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    steps: Annotated[list[StepDocument], Field(max_length=MOST_STEPS)] = []
    outputs: Annotated[list[OutputDocument], Field(max_length=1000)] = []
    asks: Annotated[list[Ask], Field(max_length=100)] = []

    @field_validator("asks", mode="before")
    @classmethod
    def _in_our_words(cls, given: Any) -> Any:
        return [ask_of(each, place) for place, each in enumerate(given)] if isinstance(given, list) else given

    @model_validator(mode="after")
    def _whole(self) -> Self:
        keys = [key_of(step, place) for place, step in enumerate(self.steps)]
        if len(set(keys)) < len(keys):
            raise ValueError("Two steps have the same key.")
        if len({ask.external_id for ask in self.asks}) < len(self.asks):
            raise ValueError("Two of its asks have the same id.")
        if self.status == "waiting" and not self.asks:
            raise ValueError("A run that waits says in `asks` what for.")
        return self

    @model_validator(mode="after")
    def _briefed(self, info: ValidationInfo) -> Self:
        """Where the sender can still be told: what was acknowledged already is never refused."""
        if (info.context or {}).get("briefed"):
            for place, ask in enumerate(self.asks):
                if ask.kind == "handoff" and ask.briefing is None:
                    parts = ", ".join(PARTS)
                    raise ValueError(f"asks.{place}.briefing: a handoff says {parts}; all four are missing.")
        return self

    @property
    def state(self) -> RunState:
        return RunState(self.status)

    @property
    def moments(self) -> list[datetime]:
        """Every time the document tells."""
        told = [(self.started_at, self.finished_at)]
        told += [(step.started_at, step.finished_at) for step in self.steps]
        return [moment for pair in told for moment in pair if moment]

    @property
    def flags(self) -> list[str]:
        """What is odd about it, though it is taken."""
        return [SKEWED] if any(moment > timezone.now() + SKEW for moment in self.moments) else []


def key_of(step: StepDocument, place: int) -> str:
    """What the step is known by within its run."""
    return step.key or f"{place:05d}"

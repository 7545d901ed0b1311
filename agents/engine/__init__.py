"""The engine: a flow is an explicit graph, a run is a walk through it, every step is journalled before the next.

    def classify(context: Context) -> Result:
        text = context.input["input"]["text"]           # only what the node reads
        return Result({"intent": "refund"}, reason="refund (0.91)")

    limits = {"latency_ms": 2_000, "cost_micros": 5_000}
    graph = Graph(
        name="triage", pattern="routing", start="classify", slo=Slo(latency_ms=10_000),
        nodes=(
            Node(name="classify", kind=Kind.ROUTER, call=classify, effect=Effect.MODEL, **limits,
                 exit=Criterion("an intent is named", lambda s: bool(s["classify"]["intent"]))),
            Node(name="refund", kind=Kind.ROLE, call=refund, reads=("input", "classify"), exit=ALWAYS, **limits),
        ),
        edges=(Edge(source="classify", target="refund",
                    criterion=Criterion("intent is refund", lambda s: s["classify"]["intent"] == "refund")),),
    )                                                    # an unsound graph raises InvalidGraph here
    outcome = walk(graph, journal, services, State({"text": "…"}))   # Done | Waiting | Stopped | Failed

Call `walk` again with the same journal to resume: recorded steps are replayed, never made again. The journal is
agents.runs' over PostgreSQL, or MemoryJournal. No Django, no Celery here. Imported from their own modules: the model
gateway (`model`; the openai client takes over a second to import), `prompts`, `guardrails`, `checks`, `schemas`,
`memory`.
"""

from agents.engine.call import Context, Effect, Question, Result, Usage
from agents.engine.errors import (
    BudgetRefused,
    EngineError,
    FlowFailed,
    InvalidGraph,
    LeaseLost,
    LoopGuard,
    ModelFault,
    NotNow,
    OutcomeUnknown,
    StepFault,
)
from agents.engine.graph import ALWAYS, Course, Criterion, Edge, Goal, Graph, Kind, Node, Slo
from agents.engine.journal import Journal, MemoryJournal, Signal, StepRecord, StepState, answered
from agents.engine.outcome import Done, Failed, Outcome, Stopped, Waiting
from agents.engine.state import Json, State, digest
from agents.engine.walk import walk

__all__ = [
    "ALWAYS",
    "BudgetRefused",
    "Context",
    "Course",
    "Criterion",
    "Done",
    "Edge",
    "Effect",
    "EngineError",
    "Failed",
    "FlowFailed",
    "Goal",
    "Graph",
    "InvalidGraph",
    "Journal",
    "Json",
    "Kind",
    "LeaseLost",
    "LoopGuard",
    "MemoryJournal",
    "ModelFault",
    "Node",
    "NotNow",
    "Outcome",
    "OutcomeUnknown",
    "Question",
    "Result",
    "Signal",
    "Slo",
    "State",
    "StepFault",
    "StepRecord",
    "StepState",
    "Stopped",
    "Usage",
    "Waiting",
    "answered",
    "digest",
    "walk",
]

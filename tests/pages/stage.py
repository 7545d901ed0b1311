"""Things that have happened, for pages to show: runs on a graph with a parallel set, their steps, their exceptions."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.engine import ALWAYS, Context, Criterion, Edge, Graph, Kind, Node, Result, Slo
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.models import Output, Run, RunException, Step

HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script><b hx-get="/x">A</b>"\' {{ 7*7 }} \u202egnp.exe'
LIMITS: dict[str, Any] = {"exit": ALWAYS, "latency_ms": 1000, "cost_micros": 1000}


def nothing(context: Context) -> Result:
    raise AssertionError("Pages never run a flow.")


def graph() -> Graph:
    """classify → look (orders · policy · history) → weigh → approve → send, or back to classify, or hand over."""

    def node(name: str, kind: Kind, **more: Any) -> Node:
        return Node(name=name, kind=kind, call=nothing, **LIMITS, **more)

    branches = ("orders", "policy", "history")
    look = Node(name="look", kind=Kind.PARALLEL, branches=branches, **LIMITS)
    nodes = (
        node("classify", Kind.ROUTER),
        look,
        *(node(name, Kind.TOOL) for name in branches),
        node("weigh", Kind.JUDGE),
        node("approve", Kind.PERSON),
        node("send", Kind.TOOL),
        node("hand over", Kind.TOOL),
    )
    yes = Criterion("a refund is due and it is above the agent's own limit", lambda state: True)
    ways = (
        Edge(source="classify", target="look", criterion=Criterion("an order is named", lambda state: True)),
        Edge(source="classify", target="hand over", criterion=Criterion("a person is asked for", lambda state: False)),
        Edge(source="look", target="weigh", criterion=ALWAYS),
        Edge(source="weigh", target="approve", criterion=yes),
        Edge(source="weigh", target="classify", criterion=Criterion("the order was another", lambda state: False)),
        Edge(source="approve", target="send", criterion=Criterion("approved", lambda state: True)),
        Edge(source="approve", target="hand over", criterion=Criterion("rejected", lambda state: False)),
    )
    slo = Slo(latency_ms=20_000)
    return Graph(name="refund", pattern="parallel gather", start="classify", nodes=nodes, edges=ways, slo=slo)


def equip(agent: Agent) -> FlowVersion:
    """The agent runs this graph."""
    flow, _made = Flow.objects.get_or_create(
        team=agent.team, slug="refund", defaults={"name": "Refunds", "pattern": "parallel gather"}
    )
    version, _made = FlowVersion.objects.get_or_create(flow=flow, number=1, defaults={"graph": graph().describe()})
    Assignment.objects.update_or_create(
        agent=agent, defaults={"flow_version": version, "run_cap_micros": 10**6, "day_cap_micros": 10**9}
    )
    return version


def a_run(agent: Agent, state: RunState = RunState.DONE, title: str = "Refund for order 88213", **more: Any) -> Run:
    """A run that has got as far as its state says."""
    began = timezone.now() - timedelta(minutes=40)
    fields: dict[str, Any] = {
        "agent": agent,
        "flow_version": equip(agent),
        "pattern": "parallel gather",
        "title": title,
        "state": state,
        "input": {"text": HOSTILE, "customer": "Marta Gil"},
        "lease_until": timezone.now() + timedelta(minutes=1) if state == RunState.RUNNING else None,
        "created_at": began,
        "started_at": began,
        "cost_micros": 31_400,
        "steps_done": 7,
        "is_rehearsal": True,
    }
    run = Run.objects.create(**{**fields, **more})
    Step.objects.bulk_create(_steps(run, began))
    return run


def _steps(run: Run, began: datetime) -> list[Step]:
    plan: list[tuple[str, str, int, int, dict[str, Any]]] = [
        ("classify/1", "router", 0, 840, {"output": {"intent": "refund", "confidence": 0.97}, "model": "gpt-5-mini"}),
        ("look/1/b0", "tool", 850, 2100, {"node": "orders", "branch": "b0", "output": {"order": 88213}}),
        ("look/1/b1", "tool", 855, 620, {"node": "policy", "branch": "b1", "output": {"passages": [PASSAGE]}}),
        ("look/1/b2", "tool", 860, 1400, {"node": "history", "branch": "b2", "output": HOSTILE}),
        ("look/1", "parallel", 845, 2110, {"output": {"orders": {"order": 88213}}}),
        ("weigh/1", "judge", 2960, 1250, {"output": {"refund": 412, "verdicts": VERDICTS}, "model": "gpt-5-mini"}),
        ("approve/1", "person", 4220, 1_800_000, {"output": {"decision": "approve"}}),
        ("send/1", "tool", 1_804_230, 400, {"output": {"sent": True}}),
    ]
    waiting = run.state == RunState.WAITING
    steps = []
    for seq, (key, kind, start, took, more) in enumerate(plan[:7] if waiting else plan, start=1):
        at = began + timedelta(milliseconds=start)
        asked = waiting and kind == "person"
        fields: dict[str, Any] = {
            "node": key.split("/")[0],
            "input": {"text": HOSTILE},
            "reason": "an order is named",
            "started_at": at,
            "finished_at": None if asked else at + timedelta(milliseconds=took),
            "latency_ms": 0 if kind == "person" else took,
            "cost_micros": 4_200 if "model" in more else 0,
            "tokens_in": 512,
            "tokens_out": 64,
            "state": "intended" if asked else "confirmed",
        }
        fields.update(
            {"output": None} if asked else {}, **{k: v for k, v in more.items() if not (asked and k == "output")}
        )
        steps.append(Step(run=run, key=key, kind=kind, seq=seq, **fields))
    return steps


PASSAGE = {"id": "p1", "source": "policy.md", "title": "Refunds", "text": f"Within 14 days. {HOSTILE}"}
VERDICTS = [
    {"name": "citations", "passed": True, "score": 1, "threshold": 1, "evidence": []},
    {"name": "prohibited", "passed": False, "score": 0, "threshold": 1, "evidence": [HOSTILE]},
]
REFUND = {
    "tool": "refund_payment",
    "arguments": {"order": 88213, "reason": HOSTILE},
    "amount_micros": 412_000_000,
    "currency": "USD",
}
ANSWER = {
    "type": "object",
    "properties": {
        "verdict": {
            "type": "string",
            "oneOf": [{"const": "lost", "title": "The parcel is lost"}, {"const": "late", "title": "It is only late"}],
        },
        "days": {"type": "integer", "title": "Days to wait", "minimum": 0, "maximum": 30},
        "tell": {"type": "string", "title": f"What to tell her {HOSTILE}", "description": HOSTILE},
    },
    "required": ["verdict"],
    "additionalProperties": False,
}


def a_question(agent: Agent, run: Run | None = None, **more: Any) -> RunException:
    """A run asks something that has a schema."""
    fields: dict[str, Any] = {
        "kind": ExceptionKind.QUESTION,
        "title": "What became of the parcel?",
        "detail": f"Tracking shows no scan for six days. {HOSTILE}",
        "schema": ANSWER,
        "step_key": "approve/1" if run else "",
    }
    with transaction.atomic():
        return raise_exception(agent, run=run, **{**fields, **more})


def an_approval(agent: Agent, run: Run | None = None, **more: Any) -> RunException:
    """A run asks to let something happen."""
    fields = {
        "kind": ExceptionKind.APPROVAL,
        "title": f"Refund $412.00 on order 88213 {HOSTILE}",
        "severity": Severity.HIGH,
        "proposal": REFUND,
        "schema": {},
        "expires_at": timezone.now() + timedelta(hours=24),
    }
    return a_question(agent, run, **{**fields, **more})


def an_output(run: Run, step_key: str = "send/1") -> Output:
    return Output.objects.create(
        run=run,
        step_key=step_key,
        kind="reply",
        content=f"Dear Marta, **we are sorry**. [here](https://example.org/a) {HOSTILE}",
        data={"to": "Marta"},
        pass_record={"publishable": True, "verdicts": VERDICTS},
        published_at=timezone.now(),
    )

"""The graph of triage: six states, every way on with its criterion."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from agents.base.phrases import phrase
from agents.engine import ALWAYS, Course, Criterion, Edge, Effect, Graph, Json, Kind, Node, Slo, State
from agents.flows.claims import CLAIMS_MICROS
from agents.flows.lookup import LOOK_UP_MICROS
from agents.flows.triage import PATTERN, SLUG, nodes
from agents.flows.triage.answers import ANGRY, person_s_reply
from agents.runs.guards.customers import EMPATHY
from agents.runs.registry import FlowContext

DRAFTS = 2
"""How often a reply is written before a person is asked."""
ASKED = phrase(
    "a person is asked for, the customer speaks of the law or is %(moods)s, it is out of scope, confidence is below "
    "%(confidence)s, or a refund is above %(limit)s",
    "moods",
)
TRIGGERS = {
    "least_confidence": "confidence",
    "most_refund": "refund_limit",
    "moods": "moods",
    "empathy_words": "empathy_words",
}
"""The policy's rules that go before the settings of the flow's version, and which setting each of them is."""

EVERYTHING = ("input", "classify", "retrieve", "generate", "verify")
SEARCHED = Criterion(phrase("the sources were searched"), lambda s: "passages" in s["retrieve"])
RETRIEVE = phrase("retrieve")


def _asked(state: State) -> set[str]:
    """What the guardrails that refused the draft ask for; a person, once there were drafts enough."""
    asked = {one["fallback"] for one in state["verify"]["verdicts"] if not one["passed"]}
    return asked if state.visits["generate"] < DRAFTS else {"escalate"}


def _may_retry(state: State) -> bool:
    """Once more by another writer, unless a guardrail asks for more than that."""
    return _asked(state) <= {"retry"}


def _may_adjust(state: State) -> bool:
    """Once more after another search."""
    return "adjust" in _asked(state) and "escalate" not in _asked(state)


BROKEN = Criterion(phrase("no usable reply from the model"), lambda s: True)
FOUND = Criterion(phrase("the sources say something"), lambda s: bool(s["retrieve"]["passages"]))
NOTHING = Criterion(phrase("the sources say nothing"), lambda s: True)
PASSED = Criterion(phrase("every guardrail passed"), lambda s: s["verify"]["publishable"])
ADJUST = Criterion(phrase("a guardrail refused it and more may be looked up"), _may_adjust)
AGAIN = Criterion(phrase("a guardrail refused it and it may be written again"), _may_retry)
REFUSED = Criterion(phrase("a guardrail refused it"), lambda s: True)
REPLY = Criterion(phrase("a reply is to be sent"), lambda s: bool(person_s_reply(s["escalate"])))
TOUCHING = Criterion(
    phrase("the case wants empathy, however sure the agent is"), lambda s: bool(s["classify"].get("empathy"))
)
SILENT = Criterion(phrase("nothing is to be sent"), lambda s: True)

CLASSIFY = Node(
    name=phrase("classify"),
    kind=Kind.ROUTER,
    call=nodes.classify(EMPATHY),
    effect=Effect.MODEL,
    latency_ms=3_000,
    cost_micros=20_000,
    exit=Criterion(phrase("an intent is named"), lambda s: bool(s["classify"]["intent"])),
)
GENERATE = Node(
    name=phrase("generate"),
    kind=Kind.ROLE,
    call=nodes.generate,
    effect=Effect.MODEL,
    reads=("input", "retrieve", "verify"),
    latency_ms=10_000,
    cost_micros=60_000,
    max_visits=DRAFTS,
    exit=Criterion(phrase("a reply is written"), lambda s: bool(s["generate"]["reply"])),
)
VERIFY = Node(
    name=phrase("verify"),
    kind=Kind.JUDGE,
    call=nodes.verify,
    reads=("retrieve", "generate"),
    max_visits=DRAFTS,
    latency_ms=500,
    cost_micros=CLAIMS_MICROS,
    exit=Criterion(phrase("every guardrail gave a verdict"), lambda s: bool(s["verify"]["verdicts"])),
)
ESCALATE = Node(
    name=phrase("escalate"),
    kind=Kind.PERSON,
    call=nodes.escalate(ANGRY),
    reads=EVERYTHING,
    latency_ms=3_600_000,
    cost_micros=0,
    exit=Criterion(phrase("a person answered"), lambda s: bool(s["escalate"])),
)
PUBLISH = Node(
    name=phrase("publish"),
    kind=Kind.TOOL,
    call=nodes.publish,
    effect=Effect.WRITE,
    idempotent=True,
    reads=(*EVERYTHING, "escalate"),
    latency_ms=1_000,
    cost_micros=0,
    exit=Criterion(phrase("the reply is out"), lambda s: bool(s["publish"]["output"])),
)
CLOSE = Node(
    name=phrase("close"),
    kind=Kind.TOOL,
    call=nodes.close,
    latency_ms=100,
    cost_micros=0,
    exit=Criterion(phrase("nothing is sent"), lambda s: s["close"]["output"] is None),
)


def build(context: FlowContext) -> Graph:
    """The graph of one run; its thresholds are the policy's, else those of the run's flow version."""
    rules = context.services.policy.rules
    told = {setting: rules[rule] for rule, setting in TRIGGERS.items() if rule in rules}
    return graph({**context.settings, **told})


def graph(settings: Mapping[str, Json]) -> Graph:
    """`settings`: `confidence` (0–1) below and `refund_limit` above which a person is asked, and `moods` of customers
    and `empathy_words` of theirs that go to one at once; `passages` to look up."""
    sure, limit, most = float(settings["confidence"]), int(settings["passages"]), float(settings["refund_limit"])
    moods = tuple(settings.get("moods", ANGRY))
    classify = replace(CLASSIFY, call=nodes.classify(settings.get("empathy_words", EMPATHY)))
    escalate = replace(ESCALATE, call=nodes.escalate(moods))
    return Graph(
        name=SLUG,
        pattern=PATTERN,
        start=CLASSIFY.name,
        slo=Slo(latency_ms=20_000),
        nodes=(classify, _retrieve(limit), GENERATE, VERIFY, escalate, PUBLISH, CLOSE),
        edges=_edges(sure, most, moods),
        fallback=ESCALATE.name,
    )


def _retrieve(limit: int) -> Node:
    return Node(
        name=RETRIEVE,
        kind=Kind.TOOL,
        call=nodes.retrieve(limit),
        reads=("input", "verify"),
        max_visits=DRAFTS,
        latency_ms=500,
        cost_micros=LOOK_UP_MICROS,
        exit=SEARCHED,
    )


def _edges(sure: float, most: float, moods: Collection[str]) -> tuple[Edge, ...]:
    def hands_over(state: State) -> bool:
        found = state["classify"]
        unsure = found["intent"] == "out_of_scope" or found["confidence"] < sure
        dear = found["intent"] == "refund" and found.get("amount", 0) > most
        return bool(found["wants_human"] or found["emotion"] in moods or found.get("legal") or unsure or dear)

    told = {"confidence": sure, "limit": f"{most:g}", "moods": ", ".join(moods)}
    asked = Criterion(ASKED % told, hands_over)
    return (
        Edge(source="classify", target="escalate", criterion=TOUCHING),
        Edge(source="classify", target="escalate", criterion=asked),
        Edge(source="classify", target="retrieve", criterion=ALWAYS),
        Edge(source="classify", target="escalate", criterion=BROKEN, on=Course.FAILED),
        Edge(source="retrieve", target="generate", criterion=FOUND),
        Edge(source="retrieve", target="escalate", criterion=NOTHING),
        Edge(source="generate", target="verify", criterion=ALWAYS),
        Edge(source="generate", target="escalate", criterion=BROKEN, on=Course.FAILED),
        Edge(source="verify", target="publish", criterion=PASSED),
        Edge(source="verify", target="generate", criterion=AGAIN),
        Edge(source="verify", target="retrieve", criterion=ADJUST),
        Edge(source="verify", target="escalate", criterion=REFUSED),
        Edge(source="escalate", target="publish", criterion=REPLY),
        Edge(source="escalate", target="close", criterion=SILENT),
    )

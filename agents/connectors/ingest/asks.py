"""What a run needs of a person, in whichever words its framework says it (connectors.md D2), as one shape.

- ours: `{id, kind, title, detail, severity, proposal, schema, expires_at}`;
- Agent Inbox (LangGraph): `{action_request: {action, args}, config: {allow_…}, description}`;
- LangChain's middleware: `{action_requests: [{name, args, description}], review_configs: [{allowed_decisions}]}`;
- HumanLayer: `{call_id, spec: {fn, kwargs}}` asks for an approval, `{call_id, spec: {msg}}` for words;
- AG-UI: `{id, reason, message, toolCallId, responseSchema, expiresAt, metadata}`;
- A2A: `{id, state: TASK_STATE_INPUT_REQUIRED | TASK_STATE_AUTH_REQUIRED, message}`.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from agents.runs.enums import ExceptionKind, Severity

K = ExceptionKind
Given = dict[str, Any]
KINDS = {
    "tool_call": K.APPROVAL,
    "confirmation": K.APPROVAL,
    "input_required": K.QUESTION,
    "auth_required": K.QUESTION,
    "escalated": K.HANDOFF,
    "error": K.FAILURE,
}
"""The reasons that protocols give, each as a kind of ours; our own kinds are taken as they are."""
STATES = {"TASK_STATE_INPUT_REQUIRED": K.QUESTION, "TASK_STATE_AUTH_REQUIRED": K.QUESTION}
Part = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Kind = Literal["approval", "question", "handoff", "failure", "guardrail", "budget"]


class Briefing(BaseModel):
    """What a person needs before taking over; no part is empty."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    wants: Part
    tried: Part
    why: Part
    suggested: Part


class Ask(BaseModel):
    """What a person is to settle. `external_id` is what the other system calls it, unique in its run.

    Whoever hands over by API gives a `briefing`; without its four parts the handoff is refused.
    """

    model_config = ConfigDict(extra="forbid", use_enum_values=True)

    external_id: Annotated[str, StringConstraints(min_length=1, max_length=150)] = Field(alias="id")
    kind: Kind = "question"
    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    detail: Annotated[str, StringConstraints(max_length=100_000)] = ""
    severity: Severity = Severity.MEDIUM
    proposal: Any = None
    answer_schema: dict[str, Any] = Field(default_factory=dict, alias="schema")
    reason: Annotated[str, StringConstraints(max_length=80)] = ""
    expires_at: AwareDatetime | None = None
    briefing: Briefing | None = None

    @model_validator(mode="after")
    def _lasting(self) -> Self:
        if self.expires_at and self.kind != "approval":
            raise ValueError("Only an approval expires; everything else waits until somebody settles it.")
        return self


def ask_of(given: Any, place: int) -> Ask:
    """Raises ValueError (pydantic's, too) where the words are nobody's."""
    if not isinstance(given, dict):
        raise ValueError("What is asked of a person is an object.")
    read = next((reader for mark, reader in READERS if mark in given), _ours)
    try:
        told = read(given)
    except (AttributeError, KeyError, TypeError):
        raise ValueError("What is asked of a person is in nobody's words.") from None
    return Ask.model_validate(
        {"id": f"{place:03d}", **{key: value for key, value in told.items() if value is not None}}
    )


def _ours(given: Given) -> Given:
    kind = given.get("kind")
    return {**given, "kind": KINDS.get(kind, kind) if isinstance(kind, str) else kind, "reason": given.get("reason")}


def _agent_inbox(given: Given) -> Given:
    action, allowed = given["action_request"], given.get("config") or {}
    asks = not any(allowed.get(name, True) for name in ("allow_accept", "allow_edit"))
    call = {"tool": action.get("action"), "args": action.get("args")}
    return {
        "id": given.get("id"),
        "kind": K.QUESTION if asks else K.APPROVAL,
        "title": str(action.get("action")),
        "detail": given.get("description"),
        "proposal": None if asks else call,
        "reason": "agent_inbox",
    }


def _langchain(given: Given) -> Given:
    calls = given["action_requests"]
    return {
        "id": given.get("id"),
        "kind": K.APPROVAL,
        "title": ", ".join(str(call.get("name")) for call in calls)[:300],
        "detail": "\n".join(str(call["description"]) for call in calls if call.get("description")),
        "proposal": [{"tool": call.get("name"), "args": call.get("args", call.get("arguments"))} for call in calls],
        "reason": "tool_call",
    }


def _humanlayer(given: Given) -> Given:
    spec = given["spec"]
    if "fn" in spec:
        proposal = {"tool": spec["fn"], "args": spec.get("kwargs", {})}
        said = {"kind": K.APPROVAL, "title": str(spec["fn"]), "proposal": proposal}
    else:
        said = {"kind": K.QUESTION, "title": str(spec.get("msg"))[:300], "detail": spec.get("msg")}
    return {"id": given.get("call_id"), "reason": "humanlayer", **said}


def _ag_ui(given: Given) -> Given:
    reason = str(given.get("reason", "input_required"))
    call = {"call": given.get("toolCallId"), **(given.get("metadata") or {})} if "toolCallId" in given else None
    kind = KINDS.get(reason, K.QUESTION)
    return {
        "id": given.get("id"),
        "kind": kind,
        "title": str(given.get("message") or reason)[:300],
        "detail": given.get("message"),
        "proposal": call if kind == K.APPROVAL else None,
        "schema": given.get("responseSchema"),
        "expires_at": given.get("expiresAt") if kind == K.APPROVAL else None,
        "reason": reason[:80],
    }


def _a2a(given: Given) -> Given:
    said = _words(given.get("message"))
    kind, reason = STATES.get(given["state"], K.QUESTION), str(given["state"])[:80]
    return {"id": given.get("id"), "kind": kind, "title": said[:300] or reason, "detail": said, "reason": reason}


def _words(message: Any) -> str:
    if isinstance(message, dict):
        return "\n".join(str(part["text"]) for part in message.get("parts", ()) if "text" in part)
    return str(message or "")


READERS: tuple[tuple[str, Callable[[Given], Given]], ...] = (
    ("action_request", _agent_inbox),
    ("action_requests", _langchain),
    ("spec", _humanlayer),
    ("toolCallId", _ag_ui),
    ("responseSchema", _ag_ui),
    ("state", _a2a),
)
"""By the key that only this vocabulary has."""

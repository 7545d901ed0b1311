"""What a policy's rules may say, as JSON Schema. Whoever enforces a rule reads it from `PolicyVersion.rules`."""

from collections.abc import Mapping
from typing import Any

GUARDRAILS = "guardrails"
"""The rule that gives guardrails by name another `threshold` (0–1) or `fallback`."""
SAMPLES = "samples"
"""The rule that says of which agents or flows, by slug or “*”, people look at what share, before it leaves or after."""
CHANNEL_SECONDS, ANY_CHANNEL = "channel_seconds", "*"
"""The rule that says how many seconds each channel, by its name in a run's input or “*”, waits for an answer."""
STEP_CONFIDENCE = "step_confidence"
"""The rule that says how sure (0–1) a step must be of what it says, by the slug of its role or “*”."""
MOST_SECONDS = 86_400
MEMORY_CONFLICTS, ANY_KEY = "memory_conflicts", "*"
"""The rule that says, by key or “*”, who holds when two agents write one entry of shared memory."""
CONFLICT_RULES = ("first", "last", "merge", "person")
MOST_MINUTES = 1440
MOST_DAYS = 3650
LEAST_KEPT_DAYS = 183
"""Six months, for which the EU's AI Act (art. 19, 26) has logs kept."""
_TEXT = {"type": "string", "minLength": 1, "maxLength": 200}
_TEXTS = {"type": "array", "items": _TEXT, "maxItems": 500}
_AMOUNT = {"type": "number", "minimum": 0}
_SHARE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_NAME = {"type": "string", "minLength": 1, "maxLength": 60}
_WEIGHT = {"type": "number", "exclusiveMinimum": 0, "maximum": 100}
MOST_HOURS = 720
_HOURS = {"type": "integer", "minimum": 1, "maximum": MOST_HOURS}
MOODS = ("calm", "upset", "angry")


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_TONE = _object([], **{code: {"enum": ["formal", "informal"]} for code in ("en", "es", "pt")})
SCHEMA: Mapping[str, Any] = _object(
    [],
    prohibited_terms=_TEXTS,
    legal_words=_TEXTS,
    known_addresses=_TEXTS,
    allowed_tools=_TEXTS,
    languages={"type": "array", "items": {"enum": ["en", "es", "pt"]}, "minItems": 1},
    tone=_TONE,
    exclamations={"type": "integer", "minimum": 0},
    voices={
        "type": "array",
        "maxItems": 200,
        "items": _object(
            ["brand", "region"],
            brand=_NAME,
            region=_NAME,
            tone=_TONE,
            exclamations={"type": "integer", "minimum": 0},
            never=_TEXTS,
        ),
    },
    longest_reply={"type": "integer", "minimum": 1, "maximum": 20_000},
    most_amount=_AMOUNT,
    most_percent=_AMOUNT,
    disclosures={"type": "array", "items": _object(["when", "say"], when=_TEXT, say=_TEXT), "maxItems": 100},
    guardrails={
        "type": "object",
        "additionalProperties": _object(
            [],
            threshold=_SHARE,
            fallback={"enum": ["retry", "adjust", "escalate"]},
        ),
    },
    rubric={
        "type": "array",
        "minItems": 1,
        "maxItems": 20,
        "items": _object(["name", "weight", "asks"], name=_NAME, weight=_WEIGHT, asks=_TEXT),
    },
    pass_mark=_SHARE,
    least_confidence={"type": "number", "minimum": 0, "maximum": 1},
    step_confidence={"type": "object", "maxProperties": 100, "additionalProperties": _SHARE},
    most_refund=_AMOUNT,
    empathy_words=_TEXTS,
    angry_turns={"type": "integer", "minimum": 0, "maximum": 3},
    moods={"type": "array", "items": {"enum": list(MOODS)}},
    model_rules={
        "type": "array",
        "maxItems": 50,
        "items": _object(
            ["role", "tier"],
            role=_TEXT,
            tier={"enum": ["cheap", "standard", "premium"]},
            longer_than={"type": "integer", "minimum": 0},
        ),
    },
    channel_seconds={
        "type": "object",
        "maxProperties": 50,
        "additionalProperties": {"type": "integer", "minimum": 1, "maximum": MOST_SECONDS},
    },
    least_passed=_SHARE,
    memory_conflicts={
        "type": "object",
        "maxProperties": 100,
        "additionalProperties": {"enum": list(CONFLICT_RULES)},
    },
    answers_kept_minutes={"type": "integer", "minimum": 0, "maximum": MOST_MINUTES},
    personal_attributes=_TEXTS,
    most_personal_facts={"type": "integer", "minimum": 0, "maximum": 50},
    token_limits={
        "type": "array",
        "maxItems": 100,
        "items": _object(
            ["agent", "role", "most"],
            agent=_TEXT,
            role=_TEXT,
            most={"type": "integer", "minimum": 100, "maximum": 10_000_000},
        ),
    },
    breaker_percent={"type": "integer", "minimum": 1, "maximum": 100},
    drift_checks={"enum": ["rules", "model"]},
    overflow={"enum": ["words", "summary"]},
    low_urgent_after_hours=_HOURS,
    medium_urgent_after_hours=_HOURS,
    remembered_days={"type": "integer", "minimum": 0, "maximum": MOST_DAYS},
    traces_kept_days={"type": "integer", "minimum": LEAST_KEPT_DAYS, "maximum": MOST_DAYS},
    storage_gb_month=_AMOUNT,
    samples={
        "type": "object",
        "maxProperties": 500,
        "additionalProperties": _object(["share"], share=_SHARE, least=_AMOUNT, before={"type": "boolean"}),
    },
    second_person_above={"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
)
"""Amounts are in the currency they are written in; `second_person_above` is in micro-units, by agent or “*”."""


def patience_s(rules: Mapping[str, Any], channel: str) -> int | None:
    """How many seconds the channel waits for an answer; None where the rules say nothing."""
    waits: Mapping[str, int] = rules.get(CHANNEL_SECONDS, {})
    return waits.get(channel, waits.get(ANY_CHANNEL))

"""The JSON schemas of what the model must return and of what a person is asked."""

from typing import Any

INTENTS = {
    "change": "move, modify, rename or transfer an order",
    "cancellation": "cancel an order",
    "refund": "money back, reimbursement",
    "billing": "invoice, receipt, tax number, charged",
    "question": "asks when, where, which, how long, how much, whether",
    "complaint": "unacceptable, disappointed, terrible, never works",
    "out_of_scope": "weather, homework, poem, joke, medical or legal advice",
}

CLASSIFICATION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["intent", "confidence", "wants_human", "emotion", "language"],
    "properties": {
        "intent": {
            "type": "string",
            "enum": list(INTENTS),
            "description": "; ".join(f"{name}: {meaning}" for name, meaning in INTENTS.items()),
        },
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "wants_human": {"type": "boolean", "description": "asks to speak with a human agent"},
        "amount": {"type": "number", "minimum": 0, "description": "the amount of money asked for, if one is named"},
        "emotion": {"type": "string", "enum": ["calm", "upset", "angry"]},
        "language": {"type": "string", "enum": ["en", "es", "pt"]},
    },
}

REPLY: dict[str, Any] = {
    "type": "object",
    "required": ["reply"],
    "properties": {
        "reply": {"type": "string", "title": "Reply to the customer", "minLength": 1, "maxLength": 5000},
        "to": {"type": "string", "title": "Customer", "readOnly": True},
    },
}

ANSWER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["action"],
    "properties": {
        "action": {
            "type": "string",
            "title": "What to do",
            "oneOf": [
                {"const": "send", "title": "Send this reply to the customer"},
                {"const": "close", "title": "Close it, nothing is sent"},
            ],
        },
        "reply": {"type": "string", "title": "Reply to the customer", "maxLength": 5000},
    },
    "if": {"properties": {"action": {"const": "send"}}},
    "then": {"required": ["action", "reply"], "properties": {"reply": {"minLength": 1}}},
}

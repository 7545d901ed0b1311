"""The JSON schemas of what the model must return and of what a person is asked."""

from typing import Any

from agents.base.phrases import phrase

INTENTS = {
    phrase("change"): "move, modify, rename or transfer an order",
    phrase("cancellation"): "cancel an order",
    phrase("refund"): "money back, reimbursement",
    phrase("billing"): "invoice, receipt, tax number, charged",
    phrase("question"): "asks when, where, which, how long, how much, whether",
    phrase("complaint"): "unacceptable, disappointed, terrible, never works",
    phrase("out_of_scope"): "weather, homework, poem, joke, medical or legal advice",
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
        "legal": {"type": "boolean", "description": "speaks of a lawyer, a lawsuit or a court"},
        "amount": {"type": "number", "minimum": 0, "description": "the amount of money asked for, if one is named"},
        "emotion": {"type": "string", "enum": [phrase("calm"), phrase("upset"), phrase("angry")]},
        "language": {"type": "string", "enum": ["en", "es", "pt"]},
    },
}

REPLY: dict[str, Any] = {
    "type": "object",
    "required": ["reply"],
    "properties": {
        "reply": {"type": "string", "title": phrase("Reply to the customer"), "minLength": 1, "maxLength": 5000},
        "to": {"type": "string", "title": phrase("Customer"), "readOnly": True},
    },
}

ANSWER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["action"],
    "properties": {
        "action": {
            "type": "string",
            "title": phrase("What to do"),
            "oneOf": [
                {"const": "send", "title": phrase("Send this reply to the customer")},
                {"const": "close", "title": phrase("Close it, nothing is sent")},
            ],
        },
        "reply": {"type": "string", "title": phrase("Reply to the customer"), "maxLength": 5000},
    },
    "if": {"properties": {"action": {"const": "send"}}},
    "then": {"required": ["action", "reply"], "properties": {"reply": {"minLength": 1}}},
}

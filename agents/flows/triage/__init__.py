"""Triage: classify → retrieve → generate → verify → publish or escalate (requirements R-132).

A ticket comes in; the agent names what it is about, looks it up in its own knowledge, writes a reply with sources,
checks the reply with guardrails, and publishes it — or asks a person, with the draft and the reasons.
"""

from agents.base.phrases import phrase

SLUG = "triage"
NAME = phrase("Ticket triage")
PATTERN = phrase("state graph")
INPUT = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 20_000, "pattern": r"\S"},
        "customer": {"type": "string", "maxLength": 200},
    },
    "required": ["text"],
}
"""A ticket: what the customer wrote, and who that is."""

"""The shapes in which systems take context: the same facts as a prompt, a document, one field, or text to paste."""

import json
from collections.abc import Mapping
from typing import Any

from agents.base.money import decimal_text
from agents.fleet.enums import Vendor
from campaigns.enums import Shape, Topic
from campaigns.models import ContextVersion

USUAL: dict[str, Shape] = {
    Vendor.OURS: Shape.PROMPT,
    Vendor.CLAUDE: Shape.PROMPT,
    Vendor.WEBHOOK: Shape.JSON,
    Vendor.QUALIFIED: Shape.FIELD,
    Vendor.AGENTFORCE: Shape.FIELD,
    Vendor.ARTISAN: Shape.FIELD,
}
"""What each vendor's system takes (connectors.md D3); every other gets text that a person could paste."""


def shaped(shape: Shape, version: ContextVersion, told: Mapping[Topic, str], tone: str) -> str:
    """The facts in `told`, put into words already, as the system takes them; `tone` where there is room for it."""
    name = version.campaign.name
    if shape == Shape.JSON:
        return _document(version, told, tone)
    if shape == Shape.FIELD:
        return " · ".join([name, *(_one_line(text) for text in told.values())])
    lines = "\n".join([name, *told.values(), *([tone] if tone else [])])
    return f"<context>\n{lines}\n</context>" if shape == Shape.PROMPT else lines


def _one_line(text: str) -> str:
    """A list becomes "Say: one; two"."""
    return " ".join(text.replace(":\n- ", ": ").replace("\n- ", "; ").split())


def _document(version: ContextVersion, told: Mapping[Topic, str], tone: str) -> str:
    """For machines: each fact typed, and as an agent would say it."""
    facts = {topic.value: {"text": _one_line(text), **_typed(version, topic)} for topic, text in told.items()}
    document: dict[str, Any] = {"campaign": version.campaign.name, "version": version.number, "facts": facts}
    return json.dumps(document | ({"tone": tone} if tone else {}), ensure_ascii=False, indent=1)


def _typed(version: ContextVersion, topic: Topic) -> dict[str, Any]:
    if topic == Topic.PRICE:
        return {"amount": decimal_text(version.price_micros or 0), "currency": version.currency}
    if topic == Topic.VALIDITY:
        bounds = {"from": version.valid_from, "to": version.valid_to}
        return {name: moment.astimezone(version.tzinfo).isoformat() for name, moment in bounds.items() if moment}
    items = {
        Topic.SAY: version.say,
        Topic.NEVER_SAY: version.never_say,
        Topic.CLAIMS: version.claims,
        Topic.LINKS: version.links,
    }
    return {"items": items[topic]} if topic in items else {}

"""What a person needs before taking over from an agent (R-052): four parts, none of them empty."""

from collections.abc import Mapping

from agents.base.phrases import phrase

PARTS = ("wants", "tried", "why", "suggested")
"""What the customer wants, what was tried, why the agent did not finish, what to do next."""
HEADED = (
    phrase("**What the customer wants.** %(wants)s", "wants"),
    phrase("**What was tried.** %(steps)s", "steps"),
    phrase("**Why the agent did not finish.** %(reason)s", "reason"),
    phrase("**Suggested.** %(next)s", "next"),
)
UNBRIEFED = "no_briefing"
"""The cause of what was handed over without one."""
LACKS = phrase("It was handed over without a briefing; missing: %(parts)s.", "parts")
NAMES = {
    "wants": phrase("what the customer wants"),
    "tried": phrase("what was tried"),
    "why": phrase("why the agent did not finish"),
    "suggested": phrase("what is suggested"),
}


def missing(briefing: Mapping[str, str]) -> list[str]:
    """The parts that nobody filled in."""
    return [part for part in PARTS if not briefing.get(part, "").strip()]


def told(briefing: Mapping[str, str]) -> str:
    """The whole briefing as a text, a paragraph a part."""
    wants, steps, reason, suggested = (briefing[part].strip() for part in PARTS)
    given = ({"wants": wants}, {"steps": steps}, {"reason": reason}, {"next": suggested})
    return "\n\n".join(heading % part for heading, part in zip(HEADED, given, strict=True))


def without(lacking: list[str], detail: str) -> str:
    """What is said of a handoff that was refused, before the agent's own words."""
    lacks = LACKS % {"parts": ", ".join(NAMES[part] for part in lacking)}
    return f"{lacks}\n\n{detail}".strip()

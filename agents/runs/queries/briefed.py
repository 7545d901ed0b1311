"""The briefing of what was handed over without one, from its run."""

from agents.runs.models import Run

STEPS, CHARACTERS = 12, 400
"""Told of a run whose agent gave no briefing."""


def briefed(run: Run, *, said: str = "", why: str, suggested: str) -> dict[str, str]:
    """The four parts of `agents.runs.briefings`, empty where the run says nothing; `said` are the customer's words."""
    given = run.input.get("text") if isinstance(run.input, dict) else run.input
    named = run.title if run.title != run.external_id else ""
    steps = run.steps.exclude(kind__in=("person", "message")).order_by("seq").values_list("node", flat=True)[:STEPS]
    return {
        "wants": " ".join(str(given or said or named).split())[:CHARACTERS],
        "tried": ", ".join(dict.fromkeys(steps)),
        "why": why,
        "suggested": suggested,
    }

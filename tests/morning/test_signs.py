"""Signs of trouble in a run: each from a small run that shows it, and none from one that does not."""

from typing import Any

import pytest

from agents.runs.signals import RUN, found
from agents.runs.suspicion.speech import amounts, figures
from agents.runs.suspicion.trace import Act, Trace


def customer(said: str) -> Act:
    return Act("customer", "message", said=said)


def agent(said: str) -> Act:
    return Act("assistant", "role", said=said)


def look_up(given: str = '{"id": 1}', said: str = '{"price": 120}', **fields: Any) -> Act:
    return Act("get_order", "tool", given=given, said=said, **fields)


def change(given: str = "{}", **fields: Any) -> Act:
    return Act("cancel_order", "tool", effect="write", given=given, **fields)


def signs(*acts: Act, **fields: Any) -> dict[str, float]:
    """Without what tells only length."""
    told = found(Trace(acts=acts, **fields), RUN)
    return {name: value for name, value in told.items() if name not in ("tools", "request", "reply", "turn")}


YES = customer("Yes, please.")
HELD_OUT = (customer("Cancel it."), agent("That is not possible."), customer("But I was told it is."))


@pytest.mark.parametrize(
    ("sign", "run"),
    [
        ("errors", [look_up(state="failed", error="Error: not found")]),
        ("repeats", [look_up(), look_up()]),
        ("effects", [YES, change()]),
        ("unknown", [YES, change(state="unknown")]),
        ("undone", [YES, change(state="failed", error="Error")]),
        ("redone", [YES, change('{"id": "HAT136"}'), YES, change('{"id": "HAT136"}')]),
        ("empty", [look_up(said="[]")]),
        ("unsupported", [YES, look_up(), change('{"amount": 255}')]),
        ("doubt", [agent('{"confidence": 0.4}')]),
        ("displeased", [customer("This is ridiculous.")]),
        ("pushback", [customer("Hi"), customer("No, the other one.")]),
        ("wishes", [customer("I also want a refund.")]),
        ("thanked", [customer("Hi"), customer("Thank you!")]),
        ("corrections", [agent("I apologize for the confusion.")]),
        ("declined", [agent("Unfortunately I cannot do that.")]),
        ("handoff", [Act("transfer_to_human_agents", "tool")]),
        ("promised", [agent("I'll send you the papers.")]),
        ("claimed", [look_up(), agent("Your order has been cancelled.")]),
        ("unconfirmed", [customer("What does it cost?"), change()]),
        ("gave_way", [*HELD_OUT, change()]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sign_is_found_in_a_run_that_shows_it(sign: str, run: list[Act]) -> None:
    assert signs(*run)[sign] > 0


def test_a_run_that_went_well_shows_little() -> None:
    run = (
        customer("Please cancel order HAT136, bought for $120."),
        look_up(),
        agent("Shall I cancel order HAT136 and refund $120?"),
        customer("Yes, go ahead."),
        change('{"order": "HAT136", "refund": 120.0}'),
        agent("Order HAT136 has been cancelled."),
    )
    assert signs(*run) == {"effects": 1}


@pytest.mark.parametrize(
    ("sign", "fields"),
    [
        ("failed", {"state": "failed"}),
        ("silence", {"answered": False}),
        ("stale", {"stale": True}),
        ("refusals", {"refused": 2}),
        ("length", {"steps": 30, "usual_steps": 10}),
        ("cost", {"cost_micros": 30, "usual_cost_micros": 10}),
        ("hasty", {"usual_lookups": 4}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sign_is_found_in_how_a_run_ended(sign: str, fields: dict[str, object]) -> None:
    assert signs(**fields)[sign] > 0


@pytest.mark.parametrize(
    ("acts", "state"),
    [([look_up()] * 4, "done"), ([YES, change()], "done"), ([look_up()], "waiting")],
    ids=["as much as usual", "something changed", "not over"],
)
def test_what_looked_up_enough_or_may_still_is_not_hasty(acts: list[Act], state: str) -> None:
    assert "hasty" not in signs(*acts, state=state, usual_lookups=4)


def test_figures_are_known_again_however_they_are_written() -> None:
    assert figures("May 20th, flight HAT136, 1,250.00 of 05/2024") == {"20", "HAT136", "1250", "2024"}
    assert amounts("$1,250.50 and € 30, of 77 seats") == {"1250.50", "30"}


@pytest.mark.parametrize("language", ["Lo siento, no puedo hacerlo.", "Desculpe, não posso fazer isso."])
def test_signs_are_found_in_spanish_and_portuguese(language: str) -> None:
    assert {"declined", "corrections"} <= signs(agent(language)).keys()

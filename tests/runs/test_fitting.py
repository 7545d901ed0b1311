"""What a model is given is shortened before it overflows, and the step says what was left out."""

from typing import Any

import pytest

from agents.engine import StepFault
from agents.engine.prompts import Prompt
from agents.fleet.enums import Tier
from agents.fleet.models import Model
from agents.runs.services.fitting import FULL, LEAST, PIECE, Fitted, fitted
from agents.runs.services.limits import most_tokens
from tests.cast import Cast
from tests.model import use_rehearsal
from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server
from tests.runs.test_models_routed import models, says

__all__ = ["rehearsal", "rehearsal_server", "use_rehearsal"]
NOISE = "The weather was fine. Nobody was there. Lunch was late. "
TOLD = "Refunds of train tickets arrive after five days."


def prompt(**data: Any) -> list[dict[str, str]]:
    return Prompt("v1", "You answer.", "Answer now.").messages(**data)


def fit(window: int | None, messages: list[dict[str, str]]) -> Fitted:
    tokens = sum(len(message["content"]) for message in messages) // 4 + 1
    return fitted(messages, tokens, 100, window)


def test_what_fits_or_whose_window_nobody_knows_is_left_as_it_is() -> None:
    messages = prompt(passages=NOISE * 20, message="When?")
    for window in (None, 100_000):
        assert fit(window, messages) == Fitted(messages)


def test_the_sentences_that_say_least_of_what_is_asked_are_left_out() -> None:
    messages = prompt(passages=NOISE * 100 + TOLD + NOISE * 100, message="When do refunds of tickets arrive?")
    found = fit(1500, messages)
    system, user = (message["content"] for message in found.messages)
    assert system == messages[0]["content"]
    assert TOLD in user
    assert "When do refunds of tickets arrive?" in user
    assert (len(system) + len(user)) // 4 <= FULL * 1500 - 100
    assert "the model takes 1500; left out: passages −" in found.why
    assert found == fit(1500, messages)  # the same text is always shortened alike


def test_every_piece_stays_between_its_marks_and_keeps_something() -> None:
    messages = prompt(passages=NOISE * 50, history="x" * 5000, message="When? " * 50)
    user = fit(400, messages).messages[1]["content"]
    pieces = {found["name"]: found["text"] for found in PIECE.finditer(user)}
    assert set(pieces) == {"passages", "history", "message"}
    assert all(LEAST / 2 <= len(text) <= LEAST for text in pieces.values())


def test_what_is_asked_is_shortened_last_and_what_is_ours_never() -> None:
    messages = prompt(passages=NOISE * 40, message=NOISE * 80)
    found = fit(1800, messages)
    assert "left out: passages −" in found.why
    assert "message" not in found.why.partition("left out")[2]
    like_a_piece = f"For example:\n<message>\n{NOISE * 200}\n</message>\n=== as above"
    ours = [{"role": "system", "content": like_a_piece}, messages[1]]
    assert fit(4000, ours).messages[0]["content"] == like_a_piece
    assert len(fit(4000, ours).messages[1]["content"]) < len(messages[1]["content"])


def test_of_limits_by_agent_and_role_the_lowest_that_fits_holds() -> None:
    rules = [
        {"agent": "*", "role": "*", "most": 8000},
        {"agent": "*", "role": "writer", "most": 900},
        {"agent": "desk", "role": "*", "most": 700},
    ]
    asked = [("desk", "writer"), ("sales", "writer"), ("desk", "scout"), ("sales", "scout")]
    assert [most_tokens(rules, *one) for one in asked] == [700, 900, 700, 8000]
    assert (most_tokens(None, "desk", "writer"), most_tokens(rules[1:2], "desk", "scout")) == (None, None)


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_a_call_takes_no_more_tokens_than_the_policy_allows(cast: Cast, rehearsal: Rehearsal) -> None:
    limits = [{"agent": "*", "role": "writer", "most": 600}]
    given = models(cast, token_limits=limits)
    rehearsal.script([says("yes"), says("yes")])
    long = prompt(passages=NOISE * 200, message="When?")
    answer = given.chat(Tier.CHEAP, long, max_tokens=500, role="writer")
    assert answer.why.startswith("the policy allows 600 tokens; shortened from about ")
    body = rehearsal.calls()[-1]["body"]
    assert sum(len(message["content"]) for message in body["messages"]) // 4 + body["max_tokens"] <= 600
    assert given.chat(Tier.CHEAP, long, max_tokens=500, role="scout").why == ""
    with pytest.raises(StepFault, match="the policy allows 100 tokens") as caught:
        models(cast, token_limits=[{"agent": "*", "role": "*", "most": 100}]).chat(Tier.CHEAP, long, max_tokens=50)
    assert caught.value.kind == "token_limit"


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_a_call_that_would_overflow_is_made_shorter_and_its_step_says_so(cast: Cast, rehearsal: Rehearsal) -> None:
    given = models(cast)
    Model.objects.update(context_window=1500)
    rehearsal.script([says("yes")])
    answer = given.chat(Tier.CHEAP, prompt(passages=NOISE * 200, message="When?"), max_tokens=50)
    assert "left out: passages −" in answer.why
    sent = rehearsal.calls()[-1]["body"]["messages"]
    assert sum(len(message["content"]) for message in sent) // 4 < FULL * 1500

"""What is summarised and for how much, and which summary is taken: as flows ask for it, without a model."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.engine import Result, StepFault, Usage
from agents.engine.prompts import Prompt
from agents.flows.condensing import _summarised, condensed
from agents.flows.roles import SCOUT, SUMMARISER
from agents.runs.services.answers import Answer

DATA = {"message": "m" * 900, "b": "b" * 600, "c": "c" * 700, "a": "a" * 600}


class Called:
    """Stands in for a context's call: notes what each may cost, and summarises to one word."""

    def __init__(self, spent_micros: int = 0) -> None:
        self.spent_micros = spent_micros
        self.most: dict[str, int] = {}

    def __call__(self, why: str, call: object, *, input: dict[str, Any], cost_micros: int, **_more: object) -> object:
        self.most[input["of"]] = cost_micros
        return {"summary": "short"}


def context(call: Called | None = None, over: int = 0, cost_micros: int = 10**6, **services: Any) -> Any:
    given = {"policy": SimpleNamespace(rules={"overflow": "summary"})} | services
    given.setdefault("models", SimpleNamespace(overflow=lambda *_given, **_more: over))
    return SimpleNamespace(services=SimpleNamespace(**given), call=call, cost_micros=cost_micros)


@pytest.mark.parametrize(("over", "pieces"), [(0, []), (695, ["c"]), (696, ["c", "a"]), (10**6, ["c", "a"])])
def test_the_two_longest_pieces_are_summarised_as_far_as_it_takes_and_never_what_is_asked(
    over: int, pieces: list[str]
) -> None:
    call = Called()
    found = condensed(context(call, over), Prompt("1", "", ""), SCOUT, DATA)
    assert (list(call.most), found) == (pieces, DATA | dict.fromkeys(pieces, "short"))


@pytest.mark.parametrize(("spent", "limit", "most"), [(0, 10**6, SUMMARISER.cost_micros), (3, 5, 2), (9, 5, 1)])
def test_a_summary_costs_at_most_what_its_node_has_left(spent: int, limit: int, most: int) -> None:
    call = Called(spent)
    condensed(context(call, over=1, cost_micros=limit), Prompt("1", "", ""), SCOUT, DATA)
    assert call.most == {"c": most}


def summarised(said: str | Exception) -> Result:
    def chat(*_given: object, **_more: object) -> Answer:
        if isinstance(said, Exception):
            raise said
        return Answer(said, {"summary": said}, "m", Usage("m"))

    prompts = {SUMMARISER.slug: Prompt("1", "", "")} if not isinstance(said, KeyError) else {}
    prompts_of = SimpleNamespace(get=prompts.__getitem__)
    return _summarised(context(prompts=prompts_of, models=SimpleNamespace(chat=chat)), "a", "Long [p1] [p2].", "Why?")


def test_only_a_shorter_summary_is_taken_and_one_that_fails_costs_what_it_cost() -> None:
    assert summarised("[p1].").output == {"of": "a", "sources": ["p1", "p2"], "summary": "[p1]."}
    assert summarised("Longer than what it is a summary of.").output["summary"] == ""
    failed = summarised(StepFault("garbage", "", usage=Usage("m", cost_micros=7)))
    assert (failed.output["summary"], failed.reason, failed.usage.cost_micros) == ("", "no summary: garbage", 7)
    assert summarised(KeyError()).reason == "no summary: no_prompt"

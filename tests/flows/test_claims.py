"""Which claims are compared by meaning, with what, and for how much: without an endpoint."""

from types import SimpleNamespace
from typing import Any

from pytest_django import Settings

from agents.engine.guardrails import Draft
from agents.fleet.embedding import most_micros
from agents.flows.claims import MOST, _pairs, judged_by_meaning
from agents.runs.guards.rules import guardrails


def test_a_claim_is_compared_with_each_sentence_it_cites_while_its_numbers_stand_there() -> None:
    said = {"p1": "Wait 3 days. Then ask.", "p2": "Or 4."}
    within, beyond = "It takes 3 days. [p1] [p9]", "It takes 4 days. [p1]"
    assert list(_pairs([within, beyond], said)) == [(within, "Wait 3 days."), (within, "Then ask.")]


def test_a_text_is_compared_in_forty_pieces_at_most_and_for_what_its_node_may_cost(settings: Settings) -> None:
    settings.EMBEDDING_PRICE_MICROS = 10**6
    asked: list[int] = []

    def call(_why: str, _made: object, *, cost_micros: int, **_more: object) -> list[str]:
        asked.append(cost_micros)
        return []

    claims = [f"Rebates rest upon {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}. [p1]" for n in range(50)]
    draft = Draft(" ".join(claims), {"p1": "Something quite else"})
    for most in (10**9, 5):
        services = SimpleNamespace(knowledge=SimpleNamespace(by_meaning=True))
        context: Any = SimpleNamespace(services=services, cost_micros=most, call=call)
        judged_by_meaning(context, draft, guardrails({}))
    assert asked == [(MOST - 1) * most_micros(claims[0]) + most_micros("Something quite else"), 5]

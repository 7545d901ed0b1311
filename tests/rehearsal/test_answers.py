"""Plain answers are extracts with their markers, in the customer's language, or a plain "not found"."""

import json

import pytest

from agents.rehearsal.think import think
from tests.rehearsal.asking import POLICY, ask


def test_an_answer_quotes_the_passage_that_holds_it() -> None:
    answer = ask(POLICY.format("How many bags can I take in economy?")).text
    assert answer == (
        "Thank you for your message. Economy passengers may take one checked bag free of charge. [p1] "
        "Please tell us if you need anything else."
    )


@pytest.mark.parametrize(
    ("question", "opening", "marker"),
    [
        ("¿Cuántas maletas puedo llevar en economy?", "Gracias", "[p1]"),
        ("Posso mudar a minha reserva?", "Obrigado", "[p3]"),
    ],
)
def test_the_frame_speaks_the_language_of_the_question(question: str, opening: str, marker: str) -> None:
    answer = ask(POLICY.format(question)).text
    assert answer.startswith(opening)
    assert marker in answer


def test_what_colleagues_found_is_told_where_there_is_nothing_else_to_answer_from() -> None:
    fence = "=== 0123456789abcdef"
    told = f"{fence}\n<facts>\n[finding] The box came open.\n[verdict] yes\n</facts>\n{fence}\n"
    told += f'{fence}\n<sections>\n{{"money": {{"finding": "It was 5 \\"euros\\"."}}}}\n</sections>\n{fence}'
    assert ask(told).text == (
        'Thank you for your message. The box came open. It was 5 "euros". Please tell us if you need anything else.'
    )


@pytest.mark.parametrize(
    "records",
    [
        '<records>\n[{"order_id": "#W1", "user_id": "kim", "status": "pending", "return_state": null}]\n</records>',
        '<history>\n[{"tool": "get_user", "result": {"name": "Kim"}},'
        ' {"tool": "cancel_pending_order", "result": {"order_id": "#W1", "status": "pending"}}]\n</history>',
    ],
)
def test_a_record_that_was_read_is_told_where_no_passage_speaks_of_the_question(records: str) -> None:
    said = ask(
        f"<passages>\n[p1] Doors open at 8:00.\n</passages>\n\n{records}\n\nQuestion: What about order #W1?"
    ).text
    assert said == "This is what I found: order id: #W1; status: pending."


def test_a_word_that_two_languages_share_speaks_for_neither() -> None:
    assert ask("Web: pricing page three times. CRM: no contact yet.").text.startswith("I could not find")


def test_of_passages_in_two_languages_it_quotes_those_in_the_language_of_the_question() -> None:
    passages = (
        "[p1] Una entrada se puede cancelar gratis hasta 14 días antes del summit.\n"
        "[p2] Um ingresso pode ser cancelado sem custo até 14 dias antes do summit."
    )
    answer = ask(f"Passages:\n{passages}\n\nQuestion: ¿Puedo cancelar mi entrada antes del summit?").text
    assert ("[p1]" in answer, "[p2]" in answer) == (True, False)


@pytest.mark.parametrize("question", ["What is the weather in Paris?", "Who won the match yesterday?"])
def test_what_the_passages_do_not_hold_is_said_plainly_and_cited_by_nothing(question: str) -> None:
    assert ask(POLICY.format(question)).text == "I could not find an answer to this in the text I was given."


@pytest.mark.parametrize(
    "layout", ["{p}\n\n{q}", "<passages>\n{p}\n</passages>\n<question>{q}</question>", "{q}\n\n{p}"]
)
def test_the_layout_of_the_prompt_does_not_matter(layout: str) -> None:
    passages, _, _ = POLICY.removeprefix("Passages:\n").partition("\n\nQuestion")
    question = "How many bags can I take in economy?"
    assert ask(layout.format(p=passages, q=question)).text == ask(POLICY.format(question)).text


def test_passages_may_come_from_the_system() -> None:
    messages = [
        {"role": "system", "content": "Answer from these.\n[p7] Refunds are paid within 7 days."},
        {"role": "user", "content": [{"type": "text", "text": "When are refunds paid?"}]},
    ]
    assert "within 7 days. [p7]" in think({"messages": messages}).text


def test_the_same_request_gives_the_same_reply() -> None:
    question = POLICY.format("Can I cancel my reservation?")
    assert len({ask(question) for _ in range(3)}) == 1


CANCEL = {
    "type": "function",
    "function": {
        "name": "cancel_reservation",
        "description": "Cancel a reservation",
        "parameters": {
            "type": "object",
            "properties": {"reservation_id": {"type": "string"}, "reason": {"type": "string"}},
            "required": ["reservation_id"],
        },
    },
}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search_flights",
        "description": "Search flights between two cities",
        "parameters": {
            "type": "object",
            "properties": {"origin": {"type": "string"}, "destination": {"type": "string"}},
            "required": ["origin", "destination"],
        },
    },
}


@pytest.mark.parametrize("text", ["Please cancel my reservation SI5UKW", "Quiero cancelar mi reserva SI5UKW"])
def test_a_tool_is_called_with_what_was_said(text: str) -> None:
    reply = ask(text, tools=[SEARCH, CANCEL])
    assert reply.tool == "cancel_reservation"
    assert json.loads(reply.arguments)["reservation_id"] == "SI5UKW"


def test_an_argument_nobody_stated_is_asked_for() -> None:
    reply = ask("Please cancel my reservation", tools=[SEARCH, CANCEL])
    assert (reply.tool, reply.text) == ("", "To go on I need: reservation id.")


def test_no_tool_is_called_when_none_fits_or_none_is_allowed() -> None:
    assert ask("Good morning", tools=[SEARCH, CANCEL]).tool == ""
    assert ask("Please cancel my reservation SI5UKW", tools=[CANCEL], tool_choice="none").tool == ""


def test_a_named_tool_is_called_whatever_was_said() -> None:
    forced = {"type": "function", "function": {"name": "search_flights"}}
    assert ask("Good morning", tools=[CANCEL, SEARCH], tool_choice=forced).tool == "search_flights"


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (
            '{"status": "cancelled", "refund_amount": 120}',
            "This is what I found: status: cancelled; refund amount: 120.",
        ),
        ("Error: no such reservation", "That did not work: Error: no such reservation"),
    ],
)
def test_after_a_tool_result_the_answer_comes_from_it(result: str, answer: str) -> None:
    messages = [
        {"role": "user", "content": "Please cancel my reservation SI5UKW"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "tool_call_id": "call_1", "content": result},
    ]
    assert think({"messages": messages, "tools": [CANCEL]}).text == answer

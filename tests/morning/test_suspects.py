"""Where a run first went wrong: the steps to look at first, and whose they are."""

from agents.runs.suspicion.suspects import agents_of, suspects
from agents.runs.suspicion.trace import Act, Trace


def says(agent: str, said: str) -> Act:
    return Act(agent, "role", said=said)


def terminal(said: str) -> Act:
    return Act("Computer_terminal", "tool", said=said)


PLAN = says("Planner", "First somebody looks up the price, then we compare it with last year.")
GUESS = says("Scout", "I cannot access the page, so I assume the price is 950 dollars.")
ANSWER = says("Writer", "All of it was checked carefully. The price was **950** in that year.")


def test_whoever_brought_in_the_wrong_answer_is_suspected_before_whoever_repeats_it() -> None:
    found = suspects(Trace(asked="What did it cost?", acts=(PLAN, GUESS, ANSWER)))
    assert [each.place for each in found] == [1, 0, 2]
    assert agents_of(found) == ["Scout", "Planner", "Writer"]


def test_whoever_is_followed_by_an_error_or_an_objection_comes_forward() -> None:
    code = says("Coder", "Here is the code that reads the table and counts.")
    error = terminal("exitcode: 1 (execution failed)")
    first, *_others = suspects(Trace(acts=(PLAN, code, error, PLAN)))
    assert first.place == 1
    objection = says("Checker", "However, the count is incorrect: look again.")
    assert suspects(Trace(acts=(PLAN, code, objection)))[0].agent == "Coder"


def test_what_an_agent_was_just_doing_is_no_part_of_its_name() -> None:
    acts = (says("Orchestrator (thought)", "Ask the web."), says("Orchestrator (-> Web)", "Look for the price."))
    assert agents_of(suspects(Trace(acts=acts))) == ["Orchestrator"]


def test_who_hands_out_the_work_is_suspected_less_than_who_does_it() -> None:
    asks = (says("Lead", "Please look up what it cost."), says("Lead", "And where did you read that?"))
    found = says("Scout", "It was not expensive in that year.")
    assert agents_of(suspects(Trace(acts=(asks[0], found, asks[1])))) == ["Scout", "Lead"]
    assert agents_of(suspects(Trace(acts=(found, *asks)))) == ["Lead", "Scout"], "nobody handed that out"


def test_the_suspicions_of_an_agent_s_steps_add_up() -> None:
    guess = says("Scout", "I assume that it is so.")
    likelier = says("Writer", "It is typically so, 37 times or more.")
    again = says("Scout", "I guess that it is so.")
    assert agents_of(suspects(Trace(acts=(PLAN, guess, likelier))))[0] == "Writer"
    assert agents_of(suspects(Trace(acts=(PLAN, guess, likelier, again))))[0] == "Scout"


def test_customers_and_tools_are_never_suspected() -> None:
    acts = (Act("customer", "message", said="I assume it is wrong."), terminal("error"))
    assert suspects(Trace(acts=acts)) == []

"""What customers say that belongs to people, whoever's agent they talked to; what touches the law after it has left."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents.connectors.ingest import take_runs
from agents.fleet.actions import set_policy
from agents.runs.actions import check_outputs, decide, open_reviews
from agents.runs.actions.assessing import assess_runs
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.guards.customers import in_rage, wants_empathy
from agents.runs.models import Assessment, Output, Run, RunException, Step
from tests.cast import Cast

LOUD = "This is outrageous, I am furious."


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("My father PASSED away in May; cancel his ticket.", "passed away"),
        ("Mi madre fallecio ayer.", "falleció"),
        ("Meu pai faleceu ontem.", "faleceu"),
        ("The hospitality was fine, my phone died.", ""),
    ],
    ids=["en", "es-without-accents", "pt", "nothing-of-it"],
)
def test_words_that_want_empathy_are_found_whole_in_three_languages(text: str, word: str) -> None:
    assert wants_empathy(text) == word


def test_rage_counts_in_the_last_turns_only() -> None:
    assert in_rage([LOUD, "Well.", "Thanks.", "Bye."]) == []
    assert in_rage(["Hola.", "Es inaceptable", "estou revoltada"]) == ["inaceptable", "revoltada"]
    assert in_rage(["I am unhappy with the delay."]) == []


def talk(cast: Cast, *turns: str, **more: Any) -> Run:
    """A conversation that another system had with a customer, over and told."""
    now = timezone.now()
    told = {"source": "vendor", "state": RunState.DONE, "finished_at": now, "state_since": now, "title": "Chat 7"}
    run = Run.objects.create(agent=cast.agent, input={}, **{**told, **more})
    steps = [("message", said) for said in turns] + [("tool", {"orders": 1})]
    Step.objects.bulk_create(
        Step(run=run, key=f"{n}/1", seq=n, node="look up" if kind == "tool" else "customer", kind=kind, output=output)
        for n, (kind, output) in enumerate(steps, start=1)
    )
    return run


@pytest.mark.django_db
@pytest.mark.parametrize("text", ['{"a":' * 3000, '{"a":' + "[" * 3900, "[" * 4000])
def test_words_that_look_like_json_without_end_are_words(cast: Cast, text: str) -> None:
    run = talk(cast, text)
    Step.objects.create(run=run, key="change", seq=9, node="change", kind="tool", effect="write", input=text)
    assert assess_runs() == 1
    assert Assessment.objects.get().run == run


@pytest.mark.django_db
def test_a_furious_customer_of_another_vendor_s_agent_comes_to_a_person_with_a_briefing_once(cast: Cast) -> None:
    run = talk(cast, "Where is my parcel?", LOUD)
    calm = talk(cast, "Where is my parcel?", "Thank you.", title="Chat 8")
    assess_runs()
    assess_runs()
    raised = RunException.objects.get()
    assert (raised.run, raised.kind, raised.severity) == (run, ExceptionKind.HANDOFF, Severity.HIGH)
    assert (raised.cause, raised.evidence) == (
        "angry_customer",
        {"said": ["outrageous"], "furious_turns": 1, "least": 1},
    )
    for part in ("Where is my parcel?", "look up", "The customer is furious: outrageous.", "Answer personally"):
        assert part in raised.detail
    decide(raised.item, actor=cast.owner, kind="ignore", root_cause="case", idempotency_key="k")
    Run.objects.filter(pk=run.pk).update(state_since=timezone.now())
    assess_runs()
    assert not calm.exceptions.exists()
    assert RunException.objects.count() == 1


@pytest.mark.django_db
def test_what_came_in_counts_where_a_step_holds_both_sides_of_an_exchange(cast: Cast) -> None:
    run = talk(cast)
    both = {"input": {"text": LOUD}, "output": {"text": "How may I help?"}}
    Step.objects.create(run=run, key="a/1", seq=9, node="turn", kind="message", **both)
    assess_runs()
    assert RunException.objects.get().run == run


@pytest.mark.django_db
def test_while_a_conversation_goes_on_it_is_handed_over_as_soon_as_it_is_told(cast: Cast) -> None:
    told: dict[str, Any] = {"external_id": "chat-9", "status": "running", "input": {"text": "Where is it?"}}
    calm = {"key": "1", "name": "customer", "kind": "message", "output": "Where is it?"}
    agent_s = {"key": "2", "name": "assistant", "kind": "message", "output": {"text": "I see, that is unacceptable."}}
    loud = {"key": "3", "name": "turn", "kind": "message", "input": {"text": LOUD}, "output": {"text": "Sorry."}}
    take_runs(cast.agent, [told | {"steps": [calm, agent_s]}], source="api")
    assert not RunException.objects.exists()
    for _twice in range(2):
        take_runs(cast.agent, [told | {"steps": [calm, agent_s, loud]}], source="api")
    raised = RunException.objects.get()
    assert raised.run == Run.objects.get(external_id="chat-9")
    assert (raised.kind, raised.cause) == (ExceptionKind.HANDOFF, "angry_customer")


@pytest.mark.django_db
def test_loss_comes_to_a_person_by_the_policy_s_own_words(cast: Cast) -> None:
    rules = {"empathy_words": ["widow"], "angry_turns": 0}
    set_policy(cast.team, statement="Be kind.", rules=rules, actor=cast.chief)
    talk(cast, "I am a widow now and want to cancel.")
    talk(cast, LOUD, title="Chat 8")
    talk(cast, "After the funeral I forgot.", title="Chat 9")
    assess_runs()
    raised = RunException.objects.get()
    assert (raised.cause, raised.evidence) == ("empathy", {"said": ["widow"]})


@pytest.mark.django_db
def test_what_people_were_asked_about_or_is_long_over_is_not_asked_again(cast: Cast) -> None:
    talk(cast, LOUD, finished_at=timezone.now() - timedelta(days=3))
    asked = talk(cast, LOUD, title="Chat 8")
    RunException.objects.create(agent=cast.agent, run=asked, kind=ExceptionKind.QUESTION, title="Which?")
    assess_runs()
    assert RunException.objects.count() == 1


@pytest.mark.django_db
def test_a_text_of_another_vendor_s_agent_that_touches_the_law_is_an_exception(cast: Cast) -> None:
    run = talk(cast, "Where is my parcel?")
    open_reviews(cast.team, timezone.now().date())
    Output.objects.create(
        run=run, step_key="a", kind="message", content="You waive your rights, and we admit liability."
    )
    Output.objects.create(run=run, step_key="b", kind="message", content="It comes tomorrow.")
    assert (check_outputs(), check_outputs()) == (2, 0)
    raised = RunException.objects.get()
    assert (raised.kind, raised.cause, raised.run) == (ExceptionKind.GUARDRAIL, "legal", run)
    assert set(raised.evidence["said"]) == {"waive your rights", "admit liability"}

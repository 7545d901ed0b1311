"""Effects are announced first; what is unclear goes to a person, what may be repeated is tried again."""

import signal
import threading
import time
from typing import Any

import pytest

from agents.engine import (
    BudgetRefused,
    Context,
    Course,
    Done,
    Effect,
    Failed,
    Kind,
    LeaseLost,
    MemoryJournal,
    ModelFault,
    Outcome,
    OutcomeUnknown,
    Question,
    Result,
    Signal,
    StepFault,
    StepRecord,
    StepState,
    Stopped,
    Usage,
    Waiting,
)
from agents.engine.call import Call
from tests.engine.toys import AT, Calls, at, chain, edge, go, graph, node, when


def failing(*errors: Exception) -> Call:
    """A call that raises these, one a call, and then succeeds."""
    left = list(errors)

    def call(context: Context) -> Result:
        if left:
            raise left.pop(0)
        return Result("ok")

    return call


class DiesWhileSending(MemoryJournal):
    """The process dies between the announcement and the news of its end, `deaths` times."""

    def __init__(self, deaths: int = 1) -> None:
        super().__init__()
        self.deaths = deaths

    def settle(self, record: StepRecord) -> None:
        if self.deaths and record.state is not StepState.UNKNOWN and record.kind is not Kind.PERSON:
            self.deaths -= 1
            raise ConnectionError
        super().settle(record)


def sent_once(journal: MemoryJournal, calls: Calls) -> Outcome:
    flow = chain(node("a"), node("send", effect=Effect.WRITE), node("z", reads=("send",)))
    try:
        return go(flow, journal, calls)
    except ConnectionError:
        return go(flow, journal, calls)


def question(outcome: Outcome) -> Any:
    assert isinstance(outcome, Waiting)
    return outcome.question


def test_reading_is_one_write_and_an_effect_is_two() -> None:
    journal = MemoryJournal()
    go(chain(node("read"), node("ask", effect=Effect.MODEL), node("send", effect=Effect.WRITE)), journal)
    assert [(how, key) for how, key, _ in journal.writes] == [
        ("commit", "read/1"),
        ("intend", "ask/1"),
        ("settle", "ask/1"),
        ("intend", "send/1"),
        ("settle", "send/1"),
    ]


def test_an_announced_step_asks_for_its_limit_and_settles_what_it_cost() -> None:
    class Watched(MemoryJournal):
        reserved = 0

        def intend(self, record: StepRecord) -> None:
            self.reserved = record.cost_micros
            super().intend(record)

    usage = Usage("gpt", "p1", tokens_in=10, tokens_out=5, cost_micros=42, currency="EUR")
    journal = Watched()
    go(chain(node("ask", lambda c: Result("x", usage=usage), effect=Effect.MODEL, cost_micros=900)), journal)
    ask = at(journal, "ask/1")
    assert journal.reserved == 900
    assert (ask.model, ask.prompt_version, ask.tokens_in, ask.tokens_out, ask.cost_micros, ask.currency) == (
        ("gpt", "p1", 10, 5, 42, "EUR")
    )


def test_an_effect_that_was_announced_and_not_confirmed_is_never_sent_blindly() -> None:
    journal, calls = DiesWhileSending(), Calls()
    asked = question(sent_once(journal, calls))
    assert (asked.reason, asked.key) == ("outcome_unknown", "send/1/outcome/1")
    assert list(asked.schema["properties"]) == ["outcome", "output"]
    assert at(journal, "send/1").state is StepState.UNKNOWN
    assert calls["send/1"] == 1


@pytest.mark.parametrize(
    ("answer", "outcome", "sends"),
    [
        ({"outcome": "happened", "output": {"id": 9}}, Done({"by": "z/1"}), 1),
        ({"outcome": "send_again"}, Done({"by": "z/1"}), 2),
        ({"outcome": "give_up"}, Failed("given_up", "“send”: A person gave this step up", "send/1"), 1),
    ],
)
def test_a_person_says_what_became_of_an_unclear_effect(answer: Any, outcome: Outcome, sends: int) -> None:
    journal, calls = DiesWhileSending(), Calls()
    journal.answer(question(sent_once(journal, calls)).key, answer, at=AT)
    assert sent_once(journal, calls) == outcome
    assert calls["send/1"] == sends


def test_send_again_holds_for_one_sending_only() -> None:
    journal, calls = DiesWhileSending(deaths=2), Calls()
    journal.answer(question(sent_once(journal, calls)).key, {"outcome": "send_again"}, at=AT)
    asked = question(sent_once(journal, calls))
    assert asked.key == "send/1/outcome/2"
    assert calls["send/1"] == 2


def test_an_idempotent_effect_is_sent_again_under_the_same_key() -> None:
    journal, keys = DiesWhileSending(), []

    def send(context: Context) -> Result:
        keys.append(context.key)
        return Result("ok")

    flow = chain(node("send", send, effect=Effect.WRITE, idempotent=True))
    with pytest.raises(ConnectionError):
        go(flow, journal)
    assert go(flow, journal) == Done("ok")
    assert keys == ["send/1", "send/1"]


def test_a_call_that_does_not_know_its_outcome_asks_at_once() -> None:
    journal = MemoryJournal()
    outcome = go(chain(node("send", failing(OutcomeUnknown("cut")), effect=Effect.WRITE, cost_micros=70)), journal)
    assert question(outcome).reason == "outcome_unknown"
    assert (at(journal, "send/1").state, at(journal, "send/1").cost_micros) == (StepState.UNKNOWN, 70)


@pytest.mark.parametrize("defect", [KeyError("id"), TimeoutError(), RuntimeError("time limit")])
def test_a_defect_in_an_effect_asks_a_person_what_became_of_it(defect: Exception) -> None:
    journal = MemoryJournal()
    flow = chain(node("send", failing(defect), effect=Effect.WRITE), node("z", reads=("send",)))
    asked = question(go(flow, journal))
    assert (asked.reason, at(journal, "send/1").state) == ("outcome_unknown", StepState.UNKNOWN)
    assert type(defect).__name__ in asked.detail
    journal.answer(asked.key, {"outcome": "happened", "output": {"id": 9}}, at=AT)
    assert go(flow, journal) == Done({"by": "z/1"})


def test_an_effect_that_answers_nonsense_has_perhaps_happened() -> None:
    journal = MemoryJournal()
    outcome = go(chain(node("send", lambda context: Result(object()), effect=Effect.DESTRUCTIVE)), journal)
    assert question(outcome).reason == "outcome_unknown"


@pytest.mark.parametrize("effect", [Effect.READ, Effect.MODEL])
def test_a_defect_where_nothing_changes_passes_through(effect: Effect) -> None:
    with pytest.raises(KeyError):
        go(chain(node("look", failing(KeyError("id")), effect=effect)), MemoryJournal())


def test_a_branch_s_unclear_effect_is_asked_about_before_its_sibling_s_defect_ends_the_run() -> None:
    flow = graph(
        node("set", kind=Kind.PARALLEL, branches=("x", "y")),
        node("x", failing(KeyError("id"))),
        node("y", failing(KeyError("id")), effect=Effect.WRITE),
    )
    assert question(go(flow, MemoryJournal())).key == "set/1/b1/outcome/1"


class Death(BaseException):
    """Of the process: nobody is asked anything any more."""


def test_a_branch_s_death_is_the_death_of_all() -> None:
    def die(context: Context) -> Result:
        raise Death

    flow = graph(
        node("set", kind=Kind.PARALLEL, branches=("x", "y")),
        node("x", failing(KeyError("id")), effect=Effect.WRITE),
        node("y", die),
    )
    with pytest.raises(Death):
        go(flow, MemoryJournal())


class TimeIsUp(Exception):
    """Raised by the alarm in the driver's thread, wherever it is."""


def test_a_time_limit_while_branches_work_leaves_no_effect_unclear() -> None:
    def ring(number: int, frame: object) -> None:
        raise TimeIsUp

    def slow(context: Context) -> Result:
        time.sleep(0.005)  # let the driver's thread wait again
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        time.sleep(0.005)
        return Result("sent")

    send = chain(node("send", slow, effect=Effect.WRITE), node("more"))
    flow = graph(node("set", kind=Kind.PARALLEL, branches=("x", "y")), node("x", kind=Kind.FLOW, flow=send), node("y"))
    journal, before = MemoryJournal(), signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(TimeIsUp):
            go(flow, journal)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert at(journal, "set/1/b0/send/1").state is StepState.CONFIRMED
    assert journal.recorded("set/1/b0/more/1") is None  # no call is begun once it is to stop


def test_a_step_that_is_tried_again_keeps_what_it_cost_before() -> None:
    tries = [ModelFault("busy", "", retryable=True, usage=Usage(cost_micros=cost)) for cost in (30, 20, 1)]
    flow, journal = chain(node("ask", failing(*tries), effect=Effect.MODEL)), MemoryJournal()
    for cost in (30, 50, 51):
        go(flow, journal)
        assert at(journal, "ask/1").cost_micros == cost
    assert at(journal, "ask/1").sunk_micros == 50


def test_an_effect_nobody_saw_end_costs_its_amount_and_what_its_earlier_tries_cost() -> None:
    busy = ModelFault("busy", "", retryable=True, usage=Usage(cost_micros=30))
    flow, journal = chain(node("send", failing(busy), effect=Effect.WRITE, cost_micros=900)), DiesWhileSending(deaths=0)
    assert isinstance(go(flow, journal), Stopped)
    journal.deaths = 1
    with pytest.raises(ConnectionError):
        go(flow, journal)
    assert question(go(flow, journal)).reason == "outcome_unknown"
    assert at(journal, "send/1").cost_micros == 930


def test_a_retryable_fault_parks_the_run_and_the_third_is_final() -> None:
    faults = [ModelFault("rate_limited", "busy", retryable=True, retry_after=pause) for pause in (7, None, 7)]
    flow = chain(node("ask", failing(*faults), effect=Effect.MODEL))
    journal = MemoryJournal()
    assert go(flow, journal) == Stopped("retry", 7)
    assert go(flow, journal) == Stopped("retry", 30)
    assert go(flow, journal) == Failed("rate_limited", "“ask”: busy", "ask/1")
    assert (at(journal, "ask/1").tries, at(journal, "ask/1").retry_after) == (3, None)


def test_what_had_arrived_before_a_fault_is_kept_and_paid() -> None:
    fault = ModelFault("cut", "the stream was cut", partial={"text": "Dear"}, usage=Usage(cost_micros=12))
    journal = MemoryJournal()
    go(chain(node("ask", failing(fault), effect=Effect.MODEL)), journal)
    ask = at(journal, "ask/1")
    assert (ask.state, ask.output, ask.cost_micros) == (StepState.FAILED, {"text": "Dear"}, 12)


@pytest.mark.parametrize("effect", Effect)
def test_what_a_call_says_of_itself_is_kept_as_postgresql_takes_it(effect: Effect) -> None:
    journal, hostile = MemoryJournal(), "a\x00b\ud800"
    reasoned = node("a", lambda context: Result("ok", hostile), effect=effect)
    go(chain(reasoned, node("b", failing(StepFault("no", hostile)), effect=effect)), journal)
    go(chain(node("c", failing(OutcomeUnknown(hostile)), effect=effect)), journal)
    assert (at(journal, "a/1").reason, at(journal, "b/1").error) == ("start; a�b?", "a�b?")
    assert at(journal, "c/1").error == "a�b?"


def test_a_final_fault_takes_the_failure_edge() -> None:
    flow = graph(
        node("ask", failing(ModelFault("refused", "no")), effect=Effect.MODEL),
        node("human"),
        edges=(edge("ask", "human", on=Course.FAILED),),
    )
    assert go(flow, MemoryJournal()) == Done({"by": "human/1"})


def test_a_changed_input_is_a_mismatch_and_the_recorded_step_stays() -> None:
    journal, calls = MemoryJournal(), Calls()
    go(chain(node("a"), node("b")), journal, calls, "first")
    outcome = go(chain(node("a"), node("b")), journal, calls, "second")
    asked = question(outcome)
    assert (asked.reason, asked.key.rpartition("/")[0]) == ("replay_mismatch", "a/1/mismatch")
    assert at(journal, "a/1").input == {"input": "first"}
    journal.answer(asked.key, {"outcome": "stop"}, at=AT)
    assert go(chain(node("a"), node("b")), journal, calls, "second") == Stopped("replay_mismatch")
    assert calls == Calls({"a/1": 1, "b/1": 1})


@pytest.mark.parametrize("answered", [False, True])
def test_a_question_about_something_else_by_now_is_a_mismatch(answered: bool) -> None:
    asking = node("ask", lambda context: Question("question", "May I?"), kind=Kind.PERSON)
    journal = MemoryJournal()
    assert question(go(chain(asking), journal, given="first")).reason == "question"
    if answered:
        journal.answer("ask/1", {"text": "yes"}, at=AT)
    assert question(go(chain(asking), journal, given="second")).reason == "replay_mismatch"


def test_a_person_may_let_one_mismatch_pass_and_the_next_asks_again() -> None:
    journal = MemoryJournal()
    go(chain(node("a")), journal, given="first")
    journal.answer(question(go(chain(node("a")), journal, given="second")).key, {"outcome": "go_on"}, at=AT)
    assert go(chain(node("a")), journal, given="second") == Done({"by": "a/1"})
    assert question(go(chain(node("a")), journal, given="third")).reason == "replay_mismatch"


class Poor(MemoryJournal):
    def __init__(self, cap: int) -> None:
        super().__init__()
        self.cap = cap

    def intend(self, record: StepRecord) -> None:
        if record.cost_micros > self.cap:
            raise BudgetRefused("The daily budget is used up")
        super().intend(record)


def test_an_empty_budget_asks_before_the_call_and_each_refusal_anew() -> None:
    journal, calls = Poor(10), Calls()
    flow = chain(node("ask", effect=Effect.MODEL, cost_micros=50))
    asked = question(go(flow, journal, calls))
    assert (asked.reason, asked.detail, asked.key) == ("budget", "The daily budget is used up", "ask/1/budget/1")
    assert list(asked.schema["properties"]) == ["outcome"], "no output is taken in place of a call that was not made"
    journal.answer("ask/1/budget/1", {"outcome": "try_again"}, at=AT)
    assert question(go(flow, journal, calls)).key == "ask/1/budget/2"
    assert calls == Calls()
    journal.cap = 100
    assert go(flow, journal, calls) == Done({"by": "ask/1"})


@pytest.mark.parametrize("signal", list(Signal))
def test_a_signal_stops_the_walk_at_the_next_step(signal: Signal) -> None:
    journal = MemoryJournal()

    def press(context: Context) -> Result:
        journal.wanted = signal
        return Result("pressed")

    assert go(chain(node("a", press), node("b")), journal) == Stopped(signal.value)
    assert list(journal.rows) == ["a/1"]
    journal.wanted = None
    assert go(chain(node("a", press), node("b")), journal) == Done({"by": "b/1"})


def test_a_lost_lease_ends_all_branches_and_reaches_the_caller() -> None:
    class Fenced(MemoryJournal):
        def commit(self, record: StepRecord) -> None:
            raise LeaseLost("another worker holds the run")

    flow = graph(node("set", kind=Kind.PARALLEL, branches=("x", "y")), node("x"), node("y"))
    with pytest.raises(LeaseLost):
        go(flow, Fenced())


def test_a_branch_that_must_pause_does_not_undo_its_siblings() -> None:
    busy = failing(ModelFault("rate_limited", "busy", retryable=True, retry_after=5))
    flow = graph(node("set", kind=Kind.PARALLEL, branches=("x", "y")), node("x", busy, effect=Effect.MODEL), node("y"))
    journal, calls = MemoryJournal(), Calls()
    assert go(flow, journal, calls) == Stopped("retry", 5)
    assert isinstance(go(flow, journal, calls), Done)
    assert calls == Calls({"set/1/b0": 2, "set/1/b1": 1})


def test_calls_inside_a_node_are_numbered_and_held_to_the_nodes_limit() -> None:
    def think() -> Result:
        return Result("thought", usage=Usage(cost_micros=400))

    def spend(context: Context) -> Result:
        for number in range(5):
            context.call("think", think, input=number, effect=Effect.MODEL, cost_micros=400)
        return Result("done")

    journal = MemoryJournal()
    outcome = go(chain(node("react", spend, cost_micros=1000)), journal)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "cost_limit"
    assert list(journal.rows) == ["react/1/0", "react/1/1", "react/1"]


def test_a_failed_flow_takes_its_writes_back_last_first() -> None:
    log: list[Any] = []

    def write(context: Context) -> Result:
        log.append(context.key)
        return Result({"id": context.key})

    def undo(context: Context) -> Result:
        log.append(("undo", context.input["output"]["id"]))
        return Result(None)

    flow = chain(
        node("reserve", write, effect=Effect.WRITE, undo=undo),
        node("charge", write, effect=Effect.WRITE, undo=undo),
        node("ship", failing(StepFault("no_stock", "sold out")), effect=Effect.WRITE, undo=undo),
    )
    journal = MemoryJournal()
    assert go(flow, journal) == Failed("no_stock", "“ship”: sold out", "ship/1")
    assert log == ["reserve/1", "charge/1", ("undo", "charge/1"), ("undo", "reserve/1")]
    assert at(journal, "charge/1/undo").state is StepState.CONFIRMED
    assert go(flow, journal) == Failed("no_stock", "“ship”: sold out", "ship/1")
    assert len(log) == 4


def undoing(log: list[str]) -> Call:
    def undo(context: Context) -> Result:
        log.append(context.key)
        return Result(None)

    return undo


def test_what_branches_and_sub_flows_wrote_is_taken_back_too_last_first() -> None:
    log: list[str] = []
    way_back: dict[str, Any] = {"effect": Effect.WRITE, "undo": undoing(log)}
    inner = chain(node("book", **way_back), node("pay", **way_back))
    flow = graph(
        node("each", kind=Kind.PARALLEL, branches=("one",), each=lambda state: [1, 2]),
        node("one", **way_back),
        node("fan", kind=Kind.PARALLEL, branches=("trip", "skipped")),
        node("trip", kind=Kind.FLOW, flow=inner),
        node("skipped", when=when("never", lambda state: False), **way_back),
        node("end", failing(StepFault("no", "no"))),
        edges=(edge("each", "fan"), edge("fan", "end")),
    )
    journal = MemoryJournal()
    assert go(flow, journal) == Failed("no", "“end”: no", "end/1")
    assert log[:2] == ["fan/1/b0/pay/1/undo", "fan/1/b0/book/1/undo"]
    assert set(log[2:]) == {"each/1/b0/undo", "each/1/b1/undo"}
    go(flow, journal)
    assert len(log) == 4


def test_a_sub_flow_with_its_own_way_back_is_taken_back_as_a_whole() -> None:
    log: list[str] = []
    inner = chain(node("book", effect=Effect.WRITE, undo=undoing(log)))
    trip = node("trip", kind=Kind.FLOW, flow=inner, undo=undoing(log))
    go(chain(trip, node("end", failing(StepFault("no", "no")))), MemoryJournal())
    assert log == ["trip/1/undo"]


def test_what_cannot_be_taken_back_is_said() -> None:
    undo = failing(StepFault("too_late", "already shipped"))
    flow = chain(node("send", effect=Effect.WRITE, undo=undo), node("b", failing(StepFault("no", "no"))))
    outcome = go(flow, MemoryJournal())
    assert isinstance(outcome, Failed)
    assert outcome.error == "“b”: no; “send” could not be taken back: already shipped"

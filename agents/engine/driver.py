"""The driver: makes each call once, and journals it so that it stays once across any crash."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from agents.engine import questions
from agents.engine.call import Effect, Question, Result, SubCall, Usage
from agents.engine.errors import BudgetRefused, OutcomeUnknown, StepFault
from agents.engine.journal import Journal, Signal, StepRecord, StepState
from agents.engine.outcome import Interrupted, Stopped, Waiting
from agents.engine.state import Json, digest, storable

MAX_TRIES = 3
"""How often one step is called, counting those after a pause; then its failure is final."""
FIRST_RETRY_S = 15.0
"""Wait before the second try when the provider names no time; doubled for the third."""

Accept = Callable[[Json], str]
"""Judges an output: an empty string, or why it does not count as delivered."""


@dataclass(frozen=True, slots=True)
class Driver:
    journal: Journal
    services: Any

    def perform(
        self,
        intent: StepRecord,
        call: Callable[[], Result],
        *,
        accept: Accept = lambda output: "",
        idempotent: bool = False,
    ) -> StepRecord:
        """The step `intent` as it ended: replayed when the journal has it, called and journalled when not.

        Raises Interrupted where a person must answer first, the step is to be tried later, or a signal says stop.
        """
        found = self.journal.recorded(intent.key)
        if found is None:
            return self._make(intent, call, accept, announce=intent.effect is not Effect.READ)
        self._insist_on_same_input(found, intent)
        if found.final:
            return found
        if found.state is not StepState.FAILED and found.effect.changes_the_world and not idempotent:
            settled = self._clear_up(found)
            if settled is not None:
                return settled
        return self._make(replace(intent, tries=found.tries), call, accept, announce=True)

    def consult(self, intent: StepRecord, ask: Callable[[], Question]) -> StepRecord:
        """The person's settled step `intent`; raises Interrupted(Waiting) while there is no answer."""
        found = self.journal.recorded(intent.key)
        if found is not None:
            self._insist_on_same_input(found, intent)
            if found.final:
                return found
        question = replace(ask(), key=intent.key)
        if found is None:
            self.journal.intend(replace(intent, started_at=datetime.now(UTC)))
        raise Interrupted(Waiting(question))

    def subcalls(self, parent: StepRecord) -> SubCall:
        """The `Context.call` of a node: numbers its calls in the order they are made."""
        numbers = count()

        def make(
            what: str,
            call: Callable[[], Result],
            *,
            input: Json,
            effect: Effect = Effect.READ,
            cost_micros: int = 0,
            idempotent: bool = False,
        ) -> Json:
            intent = replace(
                parent,
                key=f"{parent.key}/{next(numbers)}",
                input=input,
                input_sha256=digest(input),
                effect=effect,
                cost_micros=cost_micros,
                reason=what,
            )
            record = self.perform(intent, call, idempotent=idempotent)
            if record.state is StepState.FAILED:
                raise StepFault(record.fault, record.error)
            return record.output

        return make

    def _make(self, intent: StepRecord, call: Callable[[], Result], accept: Accept, *, announce: bool) -> StepRecord:
        self._obey(self.journal.signal())
        intent = replace(intent, tries=intent.tries + 1, started_at=datetime.now(UTC))
        if announce:
            self._announce(intent)
        ended = _ended(intent, call, accept)
        (self.journal.settle if announce else self.journal.commit)(ended)
        if ended.state is StepState.UNKNOWN:
            self._clear_up(ended)
        if ended.retry_after is not None:
            raise Interrupted(Stopped("retry", ended.retry_after))
        return ended

    def _obey(self, signal: Signal | None) -> None:
        if signal is not None:
            raise Interrupted(Stopped(signal.value))

    def _announce(self, intent: StepRecord) -> None:
        for refusal in count(1):
            try:
                self.journal.intend(intent)
            except BudgetRefused as refused:
                self._decide(intent, f"budget/{refusal}", questions.budget(intent, str(refused)))
            else:
                return

    def _insist_on_same_input(self, found: StepRecord, intent: StepRecord) -> None:
        if found.input_sha256 != intent.input_sha256:
            self._decide(intent, "mismatch", questions.replay_mismatch(found))

    def _clear_up(self, found: StepRecord) -> StepRecord | None:
        """What became of an effect nobody saw end, by a person's word; None when it is to be sent again."""
        if found.state is not StepState.UNKNOWN:
            found = replace(found, state=StepState.UNKNOWN, finished_at=datetime.now(UTC))
            self.journal.settle(found)
        answer = self._decide(found, f"outcome/{found.tries}", questions.unknown_outcome(found))
        if answer["outcome"] == "send_again":
            return None
        happened = answer["outcome"] == "happened"
        settled = replace(
            found,
            state=StepState.CONFIRMED if happened else StepState.FAILED,
            output=answer.get("output"),
            error="" if happened else "a person gave it up",
            fault="" if happened else "given_up",
        )
        self.journal.settle(settled)
        return settled

    def _decide(self, about: StepRecord, suffix: str, question: Question) -> Json:
        """A person's answer to a question of the engine itself; `stop` ends the walk."""
        answer = self.consult(questions.asked_about(about, suffix), lambda: question).output
        if answer["outcome"] == "stop":
            raise Interrupted(Stopped(question.reason))
        return answer


def _ended(intent: StepRecord, call: Callable[[], Result], accept: Accept) -> StepRecord:
    began = time.perf_counter()
    try:
        result = call()
    except StepFault as fault:
        return _failed(intent, fault, _since(began))
    except OutcomeUnknown as unknown:
        return replace(
            intent,
            state=StepState.UNKNOWN,
            error=str(unknown),
            fault="outcome_unknown",
            cost_micros=0,
            latency_ms=_since(began),
            finished_at=datetime.now(UTC),
        )
    output = storable(result.output)
    error = accept(output)
    return _settled(
        intent,
        result.usage,
        _since(began),
        state=StepState.CONFIRMED,
        output=output,
        error=error,
        fault="exit_criterion" if error else "",
        reason="; ".join(filter(None, (intent.reason, result.reason))),
    )


def _failed(intent: StepRecord, fault: StepFault, latency_ms: int) -> StepRecord:
    again = fault.retryable and intent.tries < MAX_TRIES
    wait = fault.retry_after or FIRST_RETRY_S * 2 ** (intent.tries - 1)
    return _settled(
        intent,
        fault.usage or Usage(),
        latency_ms,
        state=StepState.FAILED,
        output=storable(fault.partial),
        error=str(fault),
        fault=fault.kind,
        retry_after=wait if again else None,
    )


def _settled(intent: StepRecord, usage: Usage, latency_ms: int, **changes: Any) -> StepRecord:
    return replace(
        intent,
        model=usage.model,
        prompt_version=usage.prompt_version,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        cost_micros=usage.cost_micros,
        currency=usage.currency,
        latency_ms=latency_ms,
        finished_at=datetime.now(UTC),
        **changes,
    )


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)

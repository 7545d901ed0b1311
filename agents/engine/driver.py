"""The driver: makes each call once, and journals it so that it stays once across any crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from agents.engine import questions
from agents.engine.attempt import Attempt
from agents.engine.call import Effect, Question
from agents.engine.errors import BudgetRefused
from agents.engine.journal import Journal, StepRecord, StepState
from agents.engine.outcome import Interrupted, Stopped, Waiting
from agents.engine.state import Json


@dataclass(frozen=True, slots=True)
class Driver:
    """A journal with the services that calls need. In a branch, the same with a relayed journal."""

    journal: Journal
    services: Any

    def perform(self, attempt: Attempt) -> StepRecord:
        """The step as it ended: replayed when the journal has it, called and journalled when not.

        Raises Interrupted where a person must answer first, the step is to be tried later, or a signal says stop.
        """
        intent = attempt.intent
        found = self.journal.recorded(intent.key)
        if found is None:
            return self._make(attempt.next(intent), announce=intent.effect is not Effect.READ)
        self._insist_on_same_input(found, intent)
        if found.final:
            return found
        settled = self._clear_up(found) if attempt.unclear(found) else None
        return settled or self._make(attempt.next(found), announce=True)

    def consult(self, intent: StepRecord, ask: Callable[[], Question]) -> StepRecord:
        """The step `intent` as a person settled it; raises Interrupted(Waiting) while there is no answer."""
        found = self.journal.recorded(intent.key)
        if found is not None:
            self._insist_on_same_input(found, intent)
            if found.final:
                return found
        question = replace(ask(), key=intent.key)
        if found is None:
            self.journal.intend(replace(intent, cost_micros=0, started_at=datetime.now(UTC)))
        raise Interrupted(Waiting(question))

    def _make(self, attempt: Attempt, *, announce: bool) -> StepRecord:
        signal = self.journal.signal(announce)
        if signal is not None:
            raise Interrupted(Stopped(signal.value))
        if announce:
            self._announce(attempt.intent)
        ended = attempt.made()
        (self.journal.settle if announce else self.journal.commit)(ended)
        if ended.retry_after is not None:
            raise Interrupted(Stopped("retry", ended.retry_after))
        if ended.state is StepState.UNKNOWN:
            self._clear_up(ended)
        return ended

    def _announce(self, intent: StepRecord) -> None:
        for refusal in count(1):
            try:
                self.journal.intend(intent)
            except BudgetRefused as refused:
                self.decide(intent, f"budget/{refusal}", questions.budget(intent, str(refused)))
            else:
                return

    def _insist_on_same_input(self, found: StepRecord, intent: StepRecord) -> None:
        if found.input_sha256 != intent.input_sha256:
            self.decide(intent, f"mismatch/{intent.input_sha256[:8]}", questions.replay_mismatch(found))

    def _clear_up(self, found: StepRecord) -> StepRecord | None:
        """What became of an effect nobody saw end, by a person's word; None when it is to be sent again."""
        if found.state is not StepState.UNKNOWN:
            cost = found.sunk_micros + found.cost_micros
            found = replace(found, state=StepState.UNKNOWN, cost_micros=cost, finished_at=datetime.now(UTC))
            self.journal.settle(found)
        answer = self.decide(found, f"outcome/{found.tries}", questions.unknown_outcome(found))
        if answer["outcome"] == "send_again":
            return None
        settled = replace(found, state=StepState.FAILED, error="A person gave this step up", fault="given_up")
        if answer["outcome"] == "happened":
            settled = replace(found, state=StepState.CONFIRMED, output=answer.get("output"), error="", fault="")
        self.journal.settle(settled)
        return settled

    def decide(self, about: StepRecord, suffix: str, question: Question) -> Json:
        """A person's answer to a question of the engine itself; `stop` ends the walk."""
        answer = self.consult(questions.asked_about(about, suffix), lambda: question).output
        if answer["outcome"] == "stop":
            raise Interrupted(Stopped(question.reason))
        return answer

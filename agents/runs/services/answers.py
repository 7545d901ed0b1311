"""A model's answer as a flow gets it, and the answers that are kept (R-181)."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from agents.base.money import MICRO
from agents.base.phrases import phrase
from agents.engine import Json, Usage, digest
from agents.runs.models import KeptAnswer
from agents.runs.services.threads import Threads

if TYPE_CHECKING:
    from agents.engine.exchange import Messages, ModelReply

KEPT_MINUTES = "answers_kept_minutes"
"""The policy's rule: how long an answer that may be used again is; 0 or nothing: not at all."""
AGAIN = phrase("answered before, which saved %(saved)s USD")
REMEMBERED = dt.timedelta(days=30)
"""How long after its end an answer still counts in what was saved."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said. `why` says how it came to be this model, where that is not plain."""

    text: str
    data: Json
    model: str
    used: Usage
    why: str = ""

    def usage(self, prompt_version: str = "") -> Usage:
        """What to record on the step; an answer that was kept cost nothing."""
        return replace(self.used, prompt_version=prompt_version)

    def because(self, reason: str) -> str:
        """`reason`, followed by why it was this model."""
        return "; ".join(part for part in (reason, self.why) if part)


def added(spent: Usage, more: Usage | None) -> Usage:
    """Both, in tokens and money."""
    if more is None:
        return spent
    return replace(
        spent,
        tokens_in=spent.tokens_in + more.tokens_in,
        tokens_out=spent.tokens_out + more.tokens_out,
        cost_micros=spent.cost_micros + more.cost_micros,
    )


def answer(reply: "ModelReply", spent: Usage, why: str) -> Answer:
    """The reply, with what models that failed before it had cost already."""
    return Answer(reply.text, reply.data, reply.model, added(reply.usage(), spent), why)


@dataclass(frozen=True)
class KeptAnswers:
    """The team's. `scope` is what else an answer depends on: it is found only where all of it is the same."""

    team_id: uuid.UUID
    minutes: int
    scope: tuple[str, ...]
    threads: Threads

    def key(self, model: str, messages: "Messages", schema: Mapping[str, Any] | None, max_tokens: int) -> str:
        """The digest of one request; "" when nothing is kept."""
        if not self.minutes:
            return ""
        said = [dict(message) for message in messages]
        return digest([model, said, dict(schema or {}), max_tokens, list(self.scope)])

    def find(self, key: str) -> Answer | None:
        """The answer that is still good, counted as used."""
        if not key:
            return None
        with self.threads.query():
            good = KeptAnswer.objects.filter(team_id=self.team_id, key=key, until__gt=timezone.now())
            row = good.first()
            good.update(uses=F("uses") + 1)
        if row is None:
            return None
        why = AGAIN % {"saved": f"{row.cost_micros / MICRO:.6f}"}
        return Answer(row.text, row.data, row.model, Usage(row.model), why)

    def keep(self, key: str, found: Answer) -> None:
        """Good from now on for as long as the policy says."""
        if not key:
            return
        row = KeptAnswer(
            team_id=self.team_id,
            key=key,
            model=found.model,
            text=found.text,
            data=found.data,
            cost_micros=found.used.cost_micros,
            until=timezone.now() + dt.timedelta(minutes=self.minutes),
        )
        again = ["model", "text", "data", "cost_micros", "at", "until"]
        with self.threads.query():
            KeptAnswer.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["team", "key"], update_fields=again
            )


def forget_answers() -> int:
    """Deletes answers that ended a month ago; how many."""
    return KeptAnswer.objects.filter(until__lt=timezone.now() - REMEMBERED).delete()[0]

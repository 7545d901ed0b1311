"""Calling a language model by tier: the team's rows say which, the environment says where."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from agents.engine import Json, ModelFault, StepFault, Usage
from agents.fleet.endpoints import client
from agents.fleet.enums import Tier
from agents.fleet.models import Model, Price
from agents.runs.enums import Route
from agents.runs.queries.lanes import holds
from agents.runs.services.answers import KEPT_MINUTES, Answer, KeptAnswers, added, answer
from agents.runs.services.fitting import AT_PEAK, FULL, UNDER_LOAD, Fitted, excess, fitted
from agents.runs.services.limits import LIMITED, TOKEN_LIMITS, most_tokens
from agents.runs.services.prices import cost_micros
from agents.runs.services.routing import (
    AGAIN,
    HOPELESS,
    INSTEAD,
    MODEL_RULES,
    TOO_DEAR,
    Choice,
    cheaper,
    chosen,
    healthy_first,
    in_order,
    note_latency,
    planned,
    set_aside,
)
from agents.runs.services.rulebook import Policy
from agents.runs.services.threads import Threads

if TYPE_CHECKING:
    from agents.engine.exchange import Messages
    from agents.engine.model import Gateway

MOST_MODELS = 2
"""How many models one call asks before it has failed: the one chosen and the next in order."""
TRIES, LEAST_S = 3, 1.0
"""How often the gateway tries one model; the shortest time a try is given, in seconds."""


@dataclass(frozen=True)
class Models:
    team_id: uuid.UUID
    rehearsal: bool
    threads: Threads
    policy: Policy
    context_sha256: str = ""
    agent: str = ""
    route: Route = Route.AS_USUAL
    within_ms: int | None = None
    """How long the run's channel waits: a call may take the share that leaves time for those that follow it."""

    @property
    def tiers(self) -> set[str]:
        """Of which tiers the team has a model."""
        return {row.tier for row in self._rows}

    def name(self, tier: Tier) -> str:
        """The model of the tier, or of the nearest one above, else below. Raises StepFault `no_model`."""
        return self._models(tier)[0].name

    def chat(
        self,
        tier: Tier,
        messages: Messages,
        *,
        max_tokens: int,
        schema: Mapping[str, Json] | None = None,
        timeout_s: float = 60.0,
        cost_limit_micros: int | None = None,
        role: str = "",
        again: bool = False,
    ) -> Answer:
        """The answer of the model that the policy's rules choose for the `role`, else of the tier's own.

        With a `schema`, JSON that fits it. A model that gives no usable answer is followed by the next in order.
        `again`: an answer given before to exactly this may be given again, as long as the policy keeps answers.
        Give the node's own limit as `cost_limit_micros`: that much was reserved before the call. Raises ModelFault, and
        StepFault `token_limit` where our own instructions alone are more than the policy allows.
        """
        choice = self._chosen(role, tier, messages)
        models = self._models(choice.tier)
        order, moved = healthy_first(models)
        most = most_tokens(self.policy.rules.get(TOKEN_LIMITS), self.agent, role)
        max_tokens = min(max_tokens, most // 2) if most else max_tokens
        fit = self._fit(messages, order[:MOST_MODELS], max_tokens, schema)
        if most:
            fit = _within(most, fit, order, max_tokens, schema)
        key = self.kept.key(models[0].name, fit.messages, schema, max_tokens) if again else ""
        if found := self.kept.find(key):
            return found
        limits = {"max_tokens": max_tokens, "schema": schema, "timeout_s": self._patience(timeout_s)}
        given = self._first_of(order, fit.messages, cost_limit_micros, **limits)
        given = replace(given, why="; ".join(part for part in (choice.why, moved, fit.why, given.why) if part))
        self.kept.keep(key, given)
        return given

    def overflow(self, tier: Tier, messages: Messages, *, max_tokens: int, role: str) -> int:
        """By how many characters these messages are more than the models that may be asked should be given."""
        order = self._models(self._chosen(role, tier, messages).tier)[:MOST_MODELS]
        tokens, window = _size(messages, order, max_tokens, None)
        return excess(tokens, max_tokens, window, self._share(tokens, max_tokens, window))

    def _chosen(self, role: str, tier: Tier, messages: Messages) -> Choice:
        length = sum(len(message["content"]) for message in messages)
        found = chosen(self.policy.rules.get(MODEL_RULES), role, tier, length)
        return found if found.why else planned(self.route, found.tier)

    def _patience(self, timeout_s: float) -> float:
        """Seconds for one try: every model may be tried three times before its channel has waited too long."""
        most = timeout_s if self.within_ms is None else self.within_ms / 1000 / (MOST_MODELS * TRIES)
        return max(min(timeout_s, most), LEAST_S)

    def _fit(
        self, messages: Messages, order: Sequence[Model], max_tokens: int, schema: Mapping[str, Json] | None
    ) -> Fitted:
        """What every model that may be asked can take in; less of it under load."""
        tokens, window = _size(messages, order, max_tokens, schema)
        share = self._share(tokens, max_tokens, window)
        found = fitted(messages, tokens, max_tokens, window, share)
        if not found.why or share == FULL:
            return found
        return replace(found, why=f"{UNDER_LOAD % {'percent': round(100 * share)}}; {found.why}")

    def _share(self, tokens_in: int, max_tokens: int, window: int | None) -> float:
        """How much of the window may be filled; whether there is load is asked only where it matters."""
        return AT_PEAK if excess(tokens_in, max_tokens, window, AT_PEAK) and self.under_load else FULL

    @cached_property
    def under_load(self) -> bool:
        """Whether work of the team is held back because other work waits; looked at once a run."""
        with self.threads.query():
            return holds(self.team_id).exists()

    def _first_of(self, models: Sequence[Model], messages: Messages, limit: int | None, **limits: Any) -> Answer:
        """Of the first model that answers within what the ones before it left of the money.

        One that might cost more is followed by the next that is cheaper, if there is one.
        """
        failed, why, spent, queue = None, "", Usage(), list(models)
        for _ in range(MOST_MODELS):
            if not queue:
                break
            row = queue.pop(0)
            left = None if limit is None else limit - spent.cost_micros
            try:
                reply = self._gateway(row).chat(messages, model=row.name, cost_limit_micros=left, **limits)
            except ModelFault as fault:
                spent = added(spent, fault.usage)
                failed = failed or fault
                if fault.kind in HOPELESS:
                    break
                if fault.kind == TOO_DEAR:
                    queue = cheaper(queue, row)
                else:
                    set_aside(row)
                why = INSTEAD % {"model": row.name, "fault": fault.kind}
            else:
                note_latency(row, reply.latency_ms)
                again = AGAIN % {"faults": ", ".join(reply.retries)} if reply.retries else ""
                return answer(reply, spent, "; ".join(filter(None, (why, again))))
        assert failed is not None, "there is at least one model"
        failed.usage = spent
        raise failed

    @cached_property
    def kept(self) -> KeptAnswers:
        """Answers that hold for the policy and the campaigns' context of this run."""
        minutes = self.policy.rules.get(KEPT_MINUTES, 0)
        return KeptAnswers(self.team_id, minutes, (str(self.policy.number), self.context_sha256), self.threads)

    @cached_property
    def gateway(self) -> Gateway:
        from agents.engine.model import Gateway  # the openai client takes over a second to import

        return Gateway(client(settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY), self.price)

    def _gateway(self, row: Model) -> Gateway:
        """To the model's own endpoint, with its key."""
        from agents.engine.model import Gateway  # the openai client takes over a second to import

        if row.endpoint is None:
            return self.gateway
        return Gateway(client(row.endpoint.base_url, row.endpoint.key.reveal()), self.price)

    def price(self, model: str, tokens_in: int, tokens_out: int) -> int:
        """Micro-units of USD for one call."""
        return cost_micros(self._prices.get(model), model, tokens_in, tokens_out, rehearsal=self.rehearsal)

    def tokens(self, messages: Messages, schema: Mapping[str, Json] | None = None) -> int:
        """What a request of these messages would take in, by estimate."""
        return _size(messages, self._rows, 0, schema)[0]

    def _models(self, tier: Tier) -> list[Model]:
        if not self._rows:
            raise StepFault("no_model", "No language model is set up for this team")
        return in_order(self._rows, tier)

    @cached_property
    def _rows(self) -> list[Model]:
        with self.threads.query():
            rows = Model.objects.filter(team_id=self.team_id, is_active=True, is_rehearsal=self.rehearsal)
            return list(rows.select_related("endpoint"))

    @cached_property
    def _prices(self) -> dict[str, Price]:
        with self.threads.query():
            rows = Price.objects.filter(model__team_id=self.team_id, since__lte=timezone.now().date())
            return {row.model.name: row for row in rows.select_related("model").order_by("since")}


def _within(
    most: int, fit: Fitted, order: Sequence[Model], max_tokens: int, schema: Mapping[str, Json] | None
) -> Fitted:
    """The same messages, shortened until they and the answer take at most so many tokens."""
    tokens, _window = _size(fit.messages, order, max_tokens, schema)
    found = fitted(fit.messages, tokens, max_tokens, most, share=1.0)
    if excess(_size(found.messages, order, max_tokens, schema)[0], max_tokens, most, share=1.0):
        raise StepFault("token_limit", LIMITED % {"most": most})
    limited = f"{LIMITED % {'most': most}}; {found.why}" if found.why else ""
    return replace(found, why="; ".join(part for part in (fit.why, limited) if part))


def _size(
    messages: Messages, order: Sequence[Model], max_tokens: int, schema: Mapping[str, Json] | None
) -> tuple[int, int | None]:
    """The request's tokens, as estimated, and the smallest window among the models; None where nobody knows one."""
    from agents.engine.exchange import Request  # the openai client takes over a second to import

    windows = [row.context_window for row in order if row.context_window]
    return Request(messages, order[0].name, max_tokens, schema).tokens_in, min(windows, default=None)

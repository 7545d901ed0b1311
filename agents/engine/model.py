"""The model gateway: one call to a chat model, bounded in time, money and retries.

Works against any OpenAI-compatible endpoint through the openai client it is given. Importing this module imports
that client, which takes over a second.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import openai

from agents.engine.call import Usage
from agents.engine.errors import ModelFault
from agents.engine.exchange import Messages, ModelReply, Request
from agents.engine.faults import FaultKind, fault_of
from agents.engine.reading import CHARS_PER_TOKEN, Reading
from agents.engine.state import Json, storable

RETRIES = 2
PATIENCE_S = 8.0
"""The longest pause the gateway waits out itself; for a longer one the run is parked instead."""

Price = Callable[[str, int, int], int]
"""Model, tokens in, tokens out → what they cost, in millionths of the currency."""


class Gateway:
    """Calls models of one provider. `limit_field` is how the provider calls the bound on a reply's tokens."""

    def __init__(
        self,
        client: openai.OpenAI,
        price: Price,
        *,
        limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client.with_options(max_retries=0)  # one layer retries, and it is this one
        self.price, self.limit_field, self.sleep = price, limit_field, sleep

    def estimate(self, request: Request) -> int:
        """What one try should cost at most, for reserving: the estimated input and the whole of `max_tokens`."""
        return self.price(request.model, request.tokens_in, request.max_tokens)

    def chat(
        self,
        messages: Messages,
        *,
        model: str,
        max_tokens: int,
        schema: Mapping[str, Json] | None = None,
        timeout_s: float = 60.0,
        cost_limit_micros: int | None = None,
    ) -> ModelReply:
        """The model's whole reply; with a `schema`, its JSON in `data`, proved to fit.

        Tries again up to twice, after a short pause. Raises ModelFault, carrying all that was spent and the text that
        had come, when no try was usable, the provider asks for a longer pause, or the next try would exceed the limit.
        """
        request = Request(messages, model, max_tokens, schema, timeout_s, cost_limit_micros)
        began, spent, retries = time.monotonic(), Usage(model), list[str]()
        while True:
            self._afford(request, spent)
            reading = Reading(max_tokens, time.monotonic() + timeout_s)
            fault = self._try(request, reading)
            spent = self._spent(spent, request, reading)
            if fault is None:
                return _reply(reading, spent, tuple(retries), round((time.monotonic() - began) * 1000))
            fault.usage, fault.partial = spent, {"text": storable(reading.text)} if reading.text else None
            self._wait_or_give_up(fault, len(retries))
            retries.append(fault.kind)
            request = request.again(fault)

    def _try(self, request: Request, reading: Reading) -> ModelFault | None:
        try:
            reading.read(self.client.chat.completions.create(**request.body(self.limit_field)))
            reading.check(request.model, request.schema)
        except openai.APIError as error:
            return fault_of(error)
        except ModelFault as fault:
            return fault
        return None

    def _afford(self, request: Request, spent: Usage) -> None:
        limit = request.cost_limit_micros
        if limit is not None and spent.cost_micros + self.estimate(request) > limit:
            raise ModelFault(FaultKind.COST_LIMIT, "The call might cost more than the step may", usage=spent)

    def _spent(self, spent: Usage, request: Request, reading: Reading) -> Usage:
        """Everything so far and this try: as the provider reports it, else estimated once anything had come."""
        tokens_in, tokens_out = reading.tokens_in, reading.tokens_out
        if reading.text and not tokens_in:
            tokens_in, tokens_out = request.tokens_in, len(reading.text) // CHARS_PER_TOKEN + 1
        return replace(
            spent,
            tokens_in=spent.tokens_in + tokens_in,
            tokens_out=spent.tokens_out + tokens_out,
            cost_micros=spent.cost_micros + self.price(request.model, tokens_in, tokens_out),
        )

    def _wait_or_give_up(self, fault: ModelFault, tried: int) -> None:
        """Capped exponential backoff with full jitter, but never less than the provider asks."""
        least = fault.retry_after or 0.0
        if not fault.retryable or tried >= RETRIES or least > PATIENCE_S:
            raise fault
        self.sleep(max(least, random.uniform(0.0, min(PATIENCE_S, 0.5 * 2**tried))))


def _reply(reading: Reading, spent: Usage, retries: tuple[str, ...], latency_ms: int) -> ModelReply:
    return ModelReply(
        text=storable(reading.text),
        data=reading.data,
        model=reading.model or spent.model,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_micros=spent.cost_micros,
        latency_ms=latency_ms,
        finish_reason=reading.finish_reason,
        request_id=reading.request_id,
        retries=retries,
    )

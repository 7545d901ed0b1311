"""Calling a language model by tier: the team's rows say which, the environment says where."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from agents.engine import Json, StepFault
from agents.fleet.enums import Tier
from agents.fleet.models import Model, Price
from agents.runs.services.prices import cost_micros
from agents.runs.services.threads import Threads

if TYPE_CHECKING:
    import openai

    from agents.engine.exchange import Messages, ModelReply
    from agents.engine.model import Gateway

UP = (Tier.CHEAP, Tier.STANDARD, Tier.PREMIUM)
NO_KEY = "none"
"""The client insists on a key; an endpoint of one's own may want none."""


@dataclass(frozen=True)
class Models:
    team_id: uuid.UUID
    rehearsal: bool
    threads: Threads

    def name(self, tier: Tier) -> str:
        """The model of the tier, or of the nearest one above, else below. Raises StepFault `no_model`."""
        position = UP.index(tier)
        for candidate in (*UP[position:], *reversed(UP[:position])):
            if candidate in self._by_tier:
                return self._by_tier[candidate].name
        raise StepFault("no_model", "No language model is set up for this team")

    def chat(
        self,
        tier: Tier,
        messages: Messages,
        *,
        max_tokens: int,
        schema: Mapping[str, Json] | None = None,
        timeout_s: float = 60.0,
        cost_limit_micros: int | None = None,
    ) -> ModelReply:
        """The reply of the tier's model; with a `schema`, JSON that fits it. Raises ModelFault.

        Give the node's own limit as `cost_limit_micros`: that much was reserved before the call.
        """
        return self.gateway.chat(
            messages,
            model=self.name(tier),
            max_tokens=max_tokens,
            schema=schema,
            timeout_s=timeout_s,
            cost_limit_micros=cost_limit_micros,
        )

    @cached_property
    def gateway(self) -> Gateway:
        from agents.engine.model import Gateway  # the openai client takes over a second to import

        return Gateway(client(settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY), self.price)

    def price(self, model: str, tokens_in: int, tokens_out: int) -> int:
        """Micro-units of USD for one call."""
        return cost_micros(self._prices.get(model), model, tokens_in, tokens_out, rehearsal=self.rehearsal)

    @cached_property
    def _by_tier(self) -> dict[Tier, Model]:
        with self.threads.query():
            rows = Model.objects.filter(team_id=self.team_id, is_active=True, is_rehearsal=self.rehearsal)
            return {Tier(row.tier): row for row in rows.order_by("-name")}

    @cached_property
    def _prices(self) -> dict[str, Price]:
        with self.threads.query():
            rows = Price.objects.filter(model__team_id=self.team_id, since__lte=timezone.now().date())
            return {row.model.name: row for row in rows.select_related("model").order_by("since")}


@cache
def client(base_url: str, key: str) -> openai.OpenAI:
    """One client a process and endpoint; it goes out through the one HTTP door."""
    import openai

    from agents.base.http import model_client

    return openai.OpenAI(base_url=base_url, api_key=key or NO_KEY, http_client=model_client(), max_retries=0)

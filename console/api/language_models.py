"""Language models over the wire: which are called, one more at a provider of the team's own, one less."""

import uuid
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from agents.fleet.actions import add_model, end_model
from agents.fleet.enums import Tier
from agents.fleet.models import Model
from agents.fleet.queries.models import models_of
from console.api.access import CONFIGURE, READ, caller, token_of
from console.api.idempotency import once

router = Router(tags=["models"])


class ModelIn(Schema):
    """Prices in micro-units of USD for a million tokens. The key is never given back."""

    model_config = {"extra": "forbid"}

    provider: str = Field(min_length=1, max_length=60)
    base_url: str = Field(max_length=300)
    key: str = Field("", max_length=500, description="Empty: a known provider keeps the one it has.")
    name: str = Field(min_length=1, max_length=120)
    tier: Literal[tuple(Tier.values)]  # type: ignore[valid-type]
    input_micros: int = Field(ge=0, le=10**12)
    output_micros: int = Field(ge=0, le=10**12)
    context_window: int | None = Field(None, ge=1000, le=10**8)


class ModelOut(Schema):
    """`base_url` is null at the environment's own endpoint, the prices where the public table counts."""

    id: uuid.UUID = Field(alias="model.pk")
    name: str = Field(alias="model.name")
    provider: str = Field(alias="model.provider")
    tier: str = Field(alias="model.tier")
    base_url: str | None = Field(None, alias="model.endpoint.base_url")
    context_window: int | None = Field(None, alias="model.context_window")
    input_micros: int | None = Field(None, alias="price.input_micros")
    output_micros: int | None = Field(None, alias="price.output_micros")


class ModelsOut(Schema):
    models: list[ModelOut]


@router.get("/models", response=ModelsOut, auth=READ)
def list_models(request: HttpRequest) -> dict[str, Any]:
    """Those that are called, cheapest tier first."""
    return {"models": models_of(token_of(request).team_id)}


@router.post("/models", response={201: ModelsOut}, auth=CONFIGURE)
@once
def new_model(request: HttpRequest, body: ModelIn) -> Status[ModelsOut]:
    """Called from the next step on; one of that name at the same provider is put right."""
    team = token_of(request).team
    add_model(team, actor=caller(request), **body.model_dump())
    return Status(201, ModelsOut.model_validate({"models": models_of(team.pk)}))


@router.delete("/models/{uuid:id}", response=ModelsOut, auth=CONFIGURE)
def finish_model(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """No step calls it any more; those that are left."""
    team = token_of(request).team
    end_model(get_object_or_404(Model, pk=id, team=team), actor=caller(request))
    return {"models": models_of(team.pk)}

"""A change with its event in one statement: one round trip, one commit, both or neither."""

from functools import lru_cache
from typing import Any

from django.db.models import Model

from agents.base.actors import Actor
from agents.base.sql import Row, follow
from audit.actions import COLUMNS, UUIDS, label_of, told_of

PLACES = ", ".join("%s::uuid" if column in UUIDS else "%s::text" for column in COLUMNS)


def change(
    statement: str,
    parameters: list[Any],
    verb: str,
    *,
    actor: Actor,
    team_id: Any,
    obj: Model,
    agent_id: Any,
    **data: Any,
) -> Row | None:
    """Carries out `statement`, an UPDATE of one row that returns text, and records its event in the same breath.

    Returns what the UPDATE returned; None, and there is no event, where it found nothing to change. What is said of the
    event is as in `audit.actions.record`.
    """
    told = told_of(verb, actor, team_id, obj, agent_id, label_of(obj, data), data)
    return follow(_with_event(statement), [*parameters, *told.values()])


@lru_cache(64)
def _with_event(statement: str) -> str:
    return f"""
WITH changed AS ({statement}), event AS (
  INSERT INTO audit_auditevent ({", ".join(COLUMNS)}) SELECT {PLACES} FROM changed RETURNING id
), payload AS (
  INSERT INTO audit_auditpayload (event_id, salt, body) SELECT id, %s, %s::jsonb FROM event
)
SELECT * FROM changed
"""

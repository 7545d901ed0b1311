"""A change with its event in one statement: one round trip, one commit, both or neither."""

from functools import lru_cache
from typing import Any

from django.db.models import Model

from agents.base.actors import Actor
from agents.base.sql import Row, ahead, follow
from audit.actions import COLUMNS, UUIDS, label_of, told_of

PLACES = {column: "%s::uuid" if column in UUIDS else "%s::text" for column in COLUMNS}
FOUND = {
    "team_id": "event_team",
    "agent_id": "event_agent",
    "actor_id": "event_agent",
    "actor_label": "left(event_name, 200)",
}
"""Columns of the event of a row that nobody has read, by what its statement returns."""


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


def change_unread(
    statement: str, parameters: list[Any], verb: str, *, obj: Model, label: str, **data: Any
) -> Row | None:
    """`change` of a row of which only the id is known, as `obj`, by the agent whose it is.

    `statement` returns whatever it likes, and `event_team`, `event_agent` and `event_name`: of that agent.
    """
    told = told_of(verb, Actor("agent", None, ""), None, obj, None, label, data)
    known = [value for column, value in told.items() if column not in FOUND]
    return ahead(_with_event(statement, unread=True), [*parameters, *known])


@lru_cache(64)
def _with_event(statement: str, unread: bool = False) -> str:
    values = (PLACES | FOUND if unread else PLACES).values()
    return f"""
WITH changed AS ({statement}), event AS (
  INSERT INTO audit_auditevent ({", ".join(COLUMNS)}) SELECT {", ".join(values)} FROM changed RETURNING id
), payload AS (
  INSERT INTO audit_auditpayload (event_id, salt, body) SELECT id, %s, %s::jsonb FROM event
)
SELECT * FROM changed
"""

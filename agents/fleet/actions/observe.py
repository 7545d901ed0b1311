"""The one writer of what is observed."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from agents.base.canonical import plain
from agents.base.hooks import notify
from agents.base.ids import uuid7
from agents.fleet.enums import Observed
from agents.fleet.models import Agent

# One statement: workers observe the same agent at the same time, and often.
OBSERVE = """
INSERT INTO fleet_agentstatus AS held (id, agent_id, state, since, evidence, observed_at)
VALUES (%s, %s, %s, statement_timestamp(), %s::jsonb, statement_timestamp())
ON CONFLICT (agent_id) DO UPDATE SET
  since = CASE WHEN held.state = excluded.state THEN held.since ELSE excluded.since END,
  state = excluded.state, evidence = excluded.evidence, observed_at = excluded.observed_at
"""


def observe(agent: Agent, state: Observed, evidence: Mapping[str, Any]) -> None:
    """What is true of the agent now, and why we think so. `since` stays while the state does; open pages are told."""
    with connection.cursor() as cursor:
        cursor.execute(OBSERVE, [uuid7(), agent.pk, state.value, json.dumps(plain(dict(evidence)))])
    notify("fleet")

"""Publication: what a run produced for somebody, once a step, and only with a pass record of the guardrails."""

import json
from dataclasses import dataclass

from django.db import connection, transaction

from agents.base.hooks import notify
from agents.base.ids import uuid7
from agents.engine import Json, LeaseLost, NotNow, StepFault
from agents.engine.state import digest, storable
from agents.fleet.freezes import standing
from agents.fleet.toolbox import WORDS, Why
from agents.runs import verbs
from agents.runs.guards.rules import NOT_LIVE
from agents.runs.models import Output, Run
from agents.runs.services.threads import Threads
from audit.actions import record

THAWED_S = 300.0
"""How long a run that may not publish waits at most: the thaw itself wakes it, whatever else is queued."""
# The run's row is locked: without that a worker fenced out a moment later would still have published.
PUBLISH = """
WITH held AS (
  SELECT id FROM runs_run WHERE id = %s AND fence = %s AND state = 'running' FOR NO KEY UPDATE
)
INSERT INTO runs_output (id, run_id, step_key, kind, content, data, pass_record, published_at, created_at)
SELECT %s::uuid, id, %s, %s, %s, %s::jsonb, %s::jsonb, CASE WHEN %s THEN now() END, now() FROM held
ON CONFLICT (run_id, step_key) DO UPDATE SET step_key = excluded.step_key
RETURNING id, (xmax = 0) AS fresh
"""


@dataclass(frozen=True)
class Outputs:
    run: Run
    threads: Threads

    def publish(
        self, key: str, *, kind: str, content: str, pass_record: dict[str, Json], data: dict[str, Json] | None = None
    ) -> str:
        """Publishes under the step's key and returns the output's id; the same key again publishes nothing new.

        What a run that only proposes says is kept and does not leave.

        Raises ValueError without a pass record, StepFault `guardrail` where it does not say that just this text passed
        or a person released it, NotNow `frozen` while the agent may change nothing, StepFault `not_live` where only a
        person lets its texts go, and LeaseLost when another worker holds the run.
        """
        _prove(content, pass_record)
        with self.threads.query(), transaction.atomic():
            self._admit(pass_record)
            found, fresh = self._insert(key, kind, content, data or {}, pass_record)
            if fresh and not self.run.only_proposes:
                self._note(found, kind)
        return found

    def _admit(self, pass_record: dict[str, Json]) -> None:
        now = standing(self.run.agent_id, self.run.agent.team_id)
        if now.frozen:
            said = WORDS[Why.FROZEN] % {"reason": now.frozen}
            raise NotNow("frozen", said, retryable=True, retry_after=THAWED_S)
        if not now.is_live and pass_record.get("released_by") != "person":
            raise StepFault("not_live", NOT_LIVE)

    def _insert(self, key: str, kind: str, content: str, data: Json, pass_record: Json) -> tuple[str, bool]:
        texts = [key, kind, storable(content)]
        documents = [json.dumps(storable(data)), json.dumps(storable(pass_record))]
        given = [self.run.pk, self.run.fence, uuid7(), *texts, *documents, not self.run.only_proposes]
        with connection.cursor() as cursor:
            cursor.execute(PUBLISH, given)
            row = cursor.fetchone()
        if row is None:
            raise LeaseLost("This run is in other hands now.")
        return str(row[0]), row[1]

    def _note(self, found: str, kind: str) -> None:
        agent = self.run.agent
        output = Output(pk=found, kind=kind)
        record(verbs.OUTPUT_PUBLISHED, actor=agent.actor, team_id=agent.team_id, obj=output, agent_id=agent.pk)
        notify("runs")


def _prove(content: str, pass_record: dict[str, Json]) -> None:
    if not pass_record:
        raise ValueError("Nothing is published without a pass record.")
    passed = pass_record.get("publishable") and pass_record.get("text_sha256") == digest(content)
    if not passed and pass_record.get("released_by") != "person":
        raise StepFault("guardrail", "A guardrail refused the text")

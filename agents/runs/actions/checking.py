"""Machines look at everything: what other people's agents put out is held against the team's policy before its day."""

import uuid
from collections import defaultdict

from django.db import connection, transaction

from agents.base.hooks import notify
from agents.engine.guardrails import Draft, judged
from agents.fleet.models import PolicyVersion
from agents.runs.enums import OPEN_REVIEWS
from agents.runs.guards.rules import guardrails_alone
from agents.runs.models import Output

MOST = 2_000
"""Outputs checked at once; the next look takes the rest."""
UNCHECKED = """
SELECT o.id, o.content, a.team_id FROM runs_dailyreview d JOIN fleet_agent a ON a.id = d.agent_id
CROSS JOIN LATERAL (
  SELECT id FROM runs_run WHERE agent_id = d.agent_id AND state_since > d.since
  UNION SELECT id FROM runs_run WHERE agent_id = d.agent_id AND arrived_at > d.since) r
JOIN runs_output o ON o.run_id = r.id
WHERE d.state = ANY(%s) AND o.pass_record IS NULL LIMIT %s
"""


def check_outputs() -> int:
    """Judges what no guardrail has judged of the days that are open, and keeps the verdicts; returns how many.

    A refused output takes its agent out of the quiet ones. Again: only what is new.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNCHECKED, [list(OPEN_REVIEWS), MOST])
        found = cursor.fetchall()
    by_team: dict[uuid.UUID, list[Output]] = defaultdict(list)
    for pk, content, team in found:
        by_team[team].append(Output(pk=pk, content=content))
    for team, outputs in by_team.items():
        _check(team, outputs)
    if found:
        notify("queue")
    return len(found)


@transaction.atomic
def _check(team: uuid.UUID, outputs: list[Output]) -> None:
    policy = PolicyVersion.objects.filter(team=team).order_by("-number").first()
    rules = guardrails_alone(policy.rules if policy else {})
    for output in outputs:
        record = judged(Draft(output.content), rules).as_json()
        output.pass_record = record | {"policy_version": policy.number if policy else 0}
    Output.objects.bulk_update(outputs, ["pass_record"], batch_size=500)

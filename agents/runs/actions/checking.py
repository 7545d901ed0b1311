"""Machines look at everything: what other people's agents put out is held against the team's policy before its day."""

import json
import uuid
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from agents.base.hooks import notify
from agents.engine.guardrails import Draft, judged
from agents.fleet.models import PolicyVersion
from agents.runs import wording
from agents.runs.actions.exceptions import raise_exception
from agents.runs.enums import OPEN_REVIEWS, ExceptionKind, Severity
from agents.runs.guards.rules import LEGAL, guardrails_alone
from agents.runs.guards.voices import Voice, in_voice, voice_of
from agents.runs.models import Output

Spoken = tuple[Output, Voice]

MOST = 2_000
"""Outputs checked at once; the next look takes the rest."""
SHOWN = 4_000
"""Characters of what was put out that are shown with what is raised about it."""
UNCHECKED = """
SELECT o.id, o.content, a.team_id, jsonb_build_object('brand', ran.input->'brand', 'region', ran.input->'region',
  'country', ran.input->'country', 'contact', ran.input->'contact') AS asked
FROM runs_dailyreview d JOIN fleet_agent a ON a.id = d.agent_id
CROSS JOIN LATERAL (
  SELECT id FROM runs_run WHERE agent_id = d.agent_id AND state_since > d.since
  UNION SELECT id FROM runs_run WHERE agent_id = d.agent_id AND arrived_at > d.since) r
JOIN runs_output o ON o.run_id = r.id JOIN runs_run ran ON ran.id = r.id
WHERE d.state = ANY(%s) AND o.pass_record IS NULL LIMIT %s
"""


def check_outputs() -> int:
    """Judges what no guardrail has judged of the days that are open, and keeps the verdicts; returns how many.

    A refused output takes its agent out of the quiet ones. Again: only what is new.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNCHECKED, [list(OPEN_REVIEWS), MOST])
        found = cursor.fetchall()
    by_team: dict[uuid.UUID, list[Spoken]] = defaultdict(list)
    for pk, content, team, asked in found:
        by_team[team].append((Output(pk=pk, content=content), voice_of(json.loads(asked))))
    for team, outputs in by_team.items():
        _check(team, outputs)
    if found:
        notify("queue")
    return len(found)


@transaction.atomic
def _check(team: uuid.UUID, spoken: list[Spoken]) -> None:
    policy = PolicyVersion.objects.filter(team=team).order_by("-number").first()
    rules = policy.rules if policy else {}
    held = {voice: guardrails_alone(in_voice(rules, voice)) for _output, voice in spoken}
    for output, voice in spoken:
        record = judged(Draft(output.content), held[voice]).as_json()
        output.pass_record = record | {"policy_version": policy.number if policy else 0}
    Output.objects.bulk_update([output for output, _voice in spoken], ["pass_record"], batch_size=500)
    _tell([output.pk for output, _voice in spoken if _legal(output)])


def _legal(output: Output) -> list[str]:
    """The words of the text that touch the law."""
    record: dict[str, Any] = output.pass_record or {}
    failed = (each for each in record["verdicts"] if each["name"] == LEGAL and not each["passed"])
    return next((each["evidence"] for each in failed), [])


def _tell(risky: Collection[uuid.UUID]) -> None:
    """It has left already: somebody hears of it, once a run, with the words that did it."""
    for output in Output.objects.filter(pk__in=risky).select_related("run__agent") if risky else ():
        raise_exception(
            output.run.agent,
            run=output.run,
            kind=ExceptionKind.GUARDRAIL,
            title=wording.LEGAL_RISK % {"agent": output.run.agent},
            detail=output.content[:SHOWN],
            severity=Severity.HIGH,
            evidence={"said": _legal(output)},
            cause="legal",
        )

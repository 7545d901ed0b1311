"""Looking at runs that have changed: their signs are found once and kept, so that ranking reads no steps."""

import uuid

from django.db import connection, transaction
from django.utils import timezone

from agents.base.apart import PASSING, apart
from agents.runs import signals
from agents.runs.actions.feelings import hand_over
from agents.runs.actions.sampling import draw_samples
from agents.runs.models import Assessment
from agents.runs.ranking import weights_of
from agents.runs.suspicion.assessing import look_at

BATCH = 200
# Of the last day only, along each agent's indexes: older runs are looked at when something is raised about them.
DUE = """
SELECT r.id, a.team_id FROM fleet_agent a CROSS JOIN LATERAL (
  SELECT id, state, state_since FROM runs_run WHERE agent_id = a.id AND state_since > now() - interval '26 hours'
  UNION SELECT id, state, state_since FROM runs_run
  WHERE agent_id = a.id AND arrived_at > now() - interval '26 hours') r
LEFT JOIN runs_assessment s ON s.run_id = r.id
WHERE r.state IN ('waiting', 'done', 'failed', 'quarantined') AND (s.id IS NULL OR s.at < r.state_since)
LIMIT %s
"""


def assess_runs() -> int:
    """Assess every run that ended or began to wait since it was last looked at, and draw samples; how many."""
    done = set[uuid.UUID]()  # what says that it changed just now, by a clock ahead of ours, waits for the next time
    while found := {run: team for run, team in _due().items() if run not in done}:
        _assess_each(found)
        done |= found.keys()
    return len(done)


def _due() -> dict[uuid.UUID, uuid.UUID]:
    """Team of each run."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [BATCH])
        return dict(cursor.fetchall())


def _assess_each(runs: dict[uuid.UUID, uuid.UUID]) -> None:
    """Together, or one by one where one of them keeps the others from it."""
    try:
        _assess(runs)
    except PASSING:
        raise
    except Exception:
        for run, team in runs.items():
            with apart("assess a run", run):
                _assess({run: team})


@transaction.atomic
def _assess(runs: dict[uuid.UUID, uuid.UUID]) -> None:
    # Before reading: a run that changes meanwhile is due again.
    at, weights = timezone.now(), weights_of(set(runs.values()))
    looks = look_at(runs)
    rows = [
        Assessment(
            run_id=run,
            signals=look.signs,
            case=look.case and look.case.stored,
            p_wrong=weights[runs[run]].p(signals.units(look.signs)),
            at=at,
        )
        for run, look in looks.items()
    ]
    Assessment.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["run"], update_fields=["signals", "case", "p_wrong", "at"]
    )
    draw_samples({run: look.impact for run, look in looks.items()})
    hand_over({run: look.customer for run, look in looks.items()}, runs)

"""What must always be true of runs, money and what waits; `manage.py check_invariants` asks."""

from collections.abc import Callable

from django.db import connection

QUERIES = {
    "a run is over, or held, or can be taken, or waits for somebody (I2)": """
        SELECT format('run %s is %s and nobody will look at it', r.id, r.state) FROM runs_run r WHERE
          r.state = 'running' AND r.lease_until < now() - interval '5 minutes'
          OR r.state IN ('queued', 'waiting') AND (r.signal = 'cancel' OR r.state_since < now() - interval '5 minutes'
            AND EXISTS (SELECT FROM fleet_agent a WHERE a.id = r.agent_id AND a.lifecycle = 'retired'
              AND a.lifecycle_since < now() - interval '5 minutes'))
          OR r.state IN ('waiting', 'quarantined')
            AND NOT EXISTS (SELECT FROM runs_runexception e WHERE e.run_id = r.id AND e.state = 'open')
            AND NOT EXISTS (SELECT FROM runs_runexception e JOIN runs_reviewitem i ON i.exception_id = e.id
              JOIN runs_decision d ON d.item_id = i.id WHERE e.run_id = r.id AND d.state = 'pending')""",
    "a run nobody works at has done as many steps as it has ended ones, none with a later fence than its own (I3)": """
        SELECT format('run %s counts %s steps done and has %s', r.id, r.steps_done, ended)
        FROM runs_run r CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE state = 'confirmed' OR (state = 'failed' AND retry_after IS NULL)) AS ended,
                 max(fence) AS fence FROM runs_step WHERE run_id = r.id) s
        WHERE (r.steps_done <> ended AND r.state <> 'running') OR r.fence < s.fence""",
    "a run that is over holds no money (I5)": """
        SELECT format('run %s is %s with %s open reservations', r.id, r.state, count(*))
        FROM runs_reservation v JOIN runs_run r ON r.id = v.run_id
        WHERE v.settled_at IS NULL AND r.state IN ('done', 'failed', 'cancelled')
          AND r.finished_at < now() - interval '2 minutes' GROUP BY r.id""",
    "what a budget holds is what its reservations say (I5)": """
        SELECT format('budget %s holds %s reserved and %s spent, its reservations say %s and %s',
                      b.id, b.reserved_micros, b.spent_micros + b.overrun_micros, reserved, spent)
        FROM runs_budget b CROSS JOIN LATERAL (
          SELECT coalesce(sum(amount_micros) FILTER (WHERE settled_at IS NULL), 0) AS reserved,
                 coalesce(sum(spent_micros), 0) AS spent FROM runs_reservation WHERE budget_id = b.id) v
        WHERE b.reserved_micros <> reserved OR b.spent_micros + b.overrun_micros <> spent""",
    "every exception has one place in the queue, open as long as it is": """
        SELECT format('exception %s is %s, its place %s', e.id, e.state, coalesce(i.state, 'missing'))
        FROM runs_runexception e LEFT JOIN runs_reviewitem i ON i.exception_id = e.id
        WHERE i.id IS NULL OR (e.state = 'open') = (i.state = 'decided')""",
    "no decision's effect is kept back longer than it can be undone": """
        SELECT format('decision %s was to take effect at %s', id, releases_at)
        FROM runs_decision WHERE state = 'pending' AND releases_at < now() - interval '5 minutes'""",
    "a day that was decided says by whom and what was seen, one that is open does not": """
        SELECT format('review %s is %s, decided: %s, seen until: %s', r.id, r.state, d.kind, r.until)
        FROM runs_dailyreview r LEFT JOIN runs_decision d ON d.review_id = r.id
        WHERE (r.state IN ('pending', 'in_review') AND (d.id IS NOT NULL OR r.until IS NOT NULL))
          OR (r.state IN ('approved', 'needs_change', 'escalated') AND (d.id IS NULL OR r.until IS NULL))""",
    "no two days that were looked at cover the same time of an agent, and none leaves a gap": """
        SELECT format('review %s begins at %s, the look before it ended at %s', id, since, before)
        FROM (SELECT id, since, lag(until) OVER (PARTITION BY agent_id ORDER BY day) AS before FROM runs_dailyreview
              WHERE state IN ('approved', 'needs_change', 'escalated')) looked
        WHERE before IS NOT NULL AND since <> before""",
    "replaying a run's events gives its present state (I6)": """
        SELECT format('run %s is %s, its trail says %s', r.id, r.state, said.state)
        FROM runs_run r CROSS JOIN LATERAL (
          SELECT p.body ->> 'state' AS state FROM audit_auditevent e
          JOIN audit_auditpayload p ON p.event_id = e.id
          WHERE e.object_id = r.id AND e.verb LIKE 'run.%' ORDER BY e.seq DESC LIMIT 1) said
        WHERE said.state <> r.state""",
}


def _ask(query: str) -> Callable[[], list[str]]:
    def ask() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]

    return ask


INVARIANTS: list[tuple[str, Callable[[], list[str]]]] = [(name, _ask(query)) for name, query in QUERIES.items()]

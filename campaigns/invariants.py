"""What must always be true of broadcasts; `manage.py check_invariants` asks."""

from collections.abc import Callable

from django.db import connection

QUERIES = {
    "a delivery is on the highest rung it has a receipt for": """
        SELECT format('delivery %s is %s, its receipts say %s', d.id, d.state, r.rung)
        FROM campaigns_delivery d LEFT JOIN LATERAL (
          SELECT rung FROM campaigns_receipt WHERE delivery_id = d.id ORDER BY array_position(ARRAY[
            'queued', 'failed', 'sent', 'manual_pending', 'not_applicable', 'stored', 'manual_done', 'echoed'
          ]::text[], rung::text) DESC LIMIT 1) r ON true
        WHERE r.rung IS DISTINCT FROM d.state""",
    "a delivery that nobody settled will be looked at, or waits for a person": """
        SELECT format('delivery %s is %s and nobody will look at it', d.id, d.state) FROM campaigns_delivery d
        WHERE d.state = 'queued' AND NOT d.on_hold AND d.due_at IS NULL
          AND (d.lease_until IS NULL OR d.lease_until < now())""",
    "what is stored has the hash of what was meant": """
        SELECT format('delivery %s holds something else than was sent', d.id) FROM campaigns_delivery d
        JOIN campaigns_receipt r ON r.delivery_id = d.id AND r.rung IN ('stored', 'echoed')
        JOIN campaigns_rendering t ON t.id = d.rendering_id WHERE r.sha256 <> t.sha256""",
}


def _ask(query: str) -> Callable[[], list[str]]:
    def ask() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]

    return ask


INVARIANTS: list[tuple[str, Callable[[], list[str]]]] = [(name, _ask(query)) for name, query in QUERIES.items()]

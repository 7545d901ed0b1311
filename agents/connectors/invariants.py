"""What must always be true of what other systems sent; `manage.py check_invariants` asks."""

from collections.abc import Callable

from django.db import connection

QUERIES = {
    "what was acknowledged is read, or says why not (I1)": """
        SELECT format('event %s of source %s was kept and nobody has read it', id, source_id)
        FROM connectors_inboxevent WHERE state = 'received' AND received_at < now() - interval '5 minutes'""",
    "what was acknowledged is kept byte for byte (I1)": """
        SELECT format('event %s is not what was received', id) FROM connectors_inboxevent
        WHERE encode(sha256(body), 'hex') <> sha256""",
    "nothing that another system carries out is in our hands": """
        SELECT format('run %s is reported by %s and was claimed here', id, source) FROM runs_run
        WHERE source <> '' AND (fence > 0 OR lease_until IS NOT NULL OR state = 'queued')""",
}


def _ask(query: str) -> Callable[[], list[str]]:
    def ask() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]

    return ask


INVARIANTS: list[tuple[str, Callable[[], list[str]]]] = [(name, _ask(query)) for name, query in QUERIES.items()]

"""Django's sessions in rows, read by a statement that is written already: every page of the pane begins with it."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        """What the session holds; one that is over or was never made holds nothing and gets another key."""
        with connection.cursor() as cursor:
            cursor.execute(READ, [self.session_key, timezone.now()])
            found = cursor.fetchone()
        if found:
            return self.decode(found[0])
        self._session_key = None
        return {}

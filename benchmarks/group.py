"""The peer of the fan-out: a Celery group, one task a delivery, claimed and acknowledged in a commit each.

    python -m celery -A benchmarks.group worker

As one would write it first: no lease, no trail, no hash. Each process keeps its connections.
"""

import http.client
import json
import os
from functools import cache
from typing import Any
from uuid import uuid4

import psycopg
from celery import Celery, group

TABLE = "CREATE TABLE IF NOT EXISTS group_fanout (id bigint PRIMARY KEY, state text NOT NULL)"

app = Celery("group", broker=os.environ["REDIS_URL"])
app.conf.update(task_acks_late=True, task_ignore_result=True, task_default_queue="group")


@cache
def _database() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)


@cache
def _system(host: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(host, timeout=10)


@app.task  # type: ignore[untyped-decorator]
def tell(number: int, host: str, version: str) -> None:
    _database().execute("UPDATE group_fanout SET state = 'sending' WHERE id = %s", (number,))
    system = _system(host)
    event = {"type": "context.published", "data": {"text": "early bird", "version": version}}
    system.request("POST", f"/group-{number}", json.dumps(event))
    answer = system.getresponse()
    answer.read()
    state = "acked" if answer.status == 200 else "failed"
    _database().execute("UPDATE group_fanout SET state = %s WHERE id = %s", (state, number))


def submit(host: str, count: int) -> None:
    """Rows first, then the group."""
    _database().execute(TABLE)
    _database().execute("TRUNCATE group_fanout")
    _database().execute("INSERT INTO group_fanout SELECT i, 'queued' FROM generate_series(1, %s) i", (count,))
    version = uuid4().hex
    group(tell.s(number, host, version) for number in range(1, count + 1)).apply_async()


def waiting() -> int:
    """How many are not acknowledged."""
    row = _database().execute("SELECT count(*) FROM group_fanout WHERE state <> 'acked'").fetchone()
    return int(row[0]) if row else 0

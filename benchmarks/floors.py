"""The least that durable work can cost on this machine: one row inserted and committed."""

import json
import os
import re
import statistics
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from console.supervisor import binaries

TABLE = """
CREATE TABLE IF NOT EXISTS floor_step (run uuid, i int, state text, out jsonb,
  at timestamptz DEFAULT clock_timestamp(), PRIMARY KEY (run, i))
"""
INSERT = "INSERT INTO floor_step (run, i, state, out) VALUES (%s, %s, 'done', %s)"
SCRIPT = """INSERT INTO floor_step (run, i, state, out) VALUES (gen_random_uuid(), 1, 'done', '{"n": 1}');\n"""


def connect() -> psycopg.Connection:
    """A bare connection with the floor's table; the owner's, who may make one."""
    connection = psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)
    connection.execute(TABLE)
    return connection


def commit_ms(connection: psycopg.Connection, commits: int) -> float:
    """Milliseconds of one INSERT with its commit: the median, one client, prepared."""
    run, taken = uuid.uuid4(), []
    for number in range(commits):
        begun = time.perf_counter()
        connection.execute(INSERT, (run, number, json.dumps({"n": 1})), prepare=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def commits_per_second(folder: Path, clients: int, seconds: int) -> float:
    """Commits a second of the same INSERT, prepared, by pgbench."""
    connect().close()
    script, where = folder / "floor.sql", urlsplit(os.environ["DATABASE_OWNER_URL"])
    script.write_text(SCRIPT)
    program = binaries.postgres_bin() / "pgbench"
    options = ("-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", str(script))
    to = ("-h", str(where.hostname), "-p", str(where.port), "-U", str(where.username), where.path.strip("/"))
    env = os.environ | {"PGPASSWORD": where.password or ""}
    said = subprocess.run((program, *options, *to), env=env, capture_output=True, text=True, check=True).stdout
    return float(re.findall(r"tps = ([\d.]+)", said)[0])

"""Run the named benches, or all but `tests`, and print one table. Exit status 1 when a goal is missed."""

import argparse
import importlib
import logging
import os
import sys

import psycopg

from benchmarks.stand import Stand
from benchmarks.table import Row, printed

ALWAYS = (
    "startup",
    "steps",
    "lookups",
    "budget",
    "audit",
    "chaos",
    "pages",
    "morning",
    "queue",
    "manager",
    "onwards",
    "ingest",
    "intake",
    "broadcast",
    "decisions",
    "ranking",
    "facts",
    "retail",
    "fanout",
    "kills",
)
WHEN_ASKED = ("tests",)


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join([*ALWAYS, *WHEN_ASKED]))
    parser.add_argument("--quick", action="store_true", help="small counts: whether every bench still runs")
    asked = parser.parse_args()
    if unknown := set(asked.names) - {*ALWAYS, *WHEN_ASKED}:
        parser.error(f"There is no bench called {', '.join(sorted(unknown))}.")
    rows: list[Row] = []
    with Stand(shares=asked.quick) as stand:
        logging.disable(logging.INFO)
        print(machine(), flush=True)
        for name in asked.names or ALWAYS:
            print(f"{name} …", file=sys.stderr, flush=True)
            rows += importlib.import_module(f"benchmarks.{name}").run(stand, quick=asked.quick)
    print(printed(rows))
    return int(any(row.met is False for row in rows))


def machine() -> str:
    """What the figures were taken on."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        names = ("server_version", "fsync", "synchronous_commit")
        version, fsync, commit = (connection.execute(f"SHOW {name}").fetchone() or ("?",) for name in names)
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    python = sys.version.split()[0]
    return (
        f"{cores} cores, load {load:.1f} at the start; Python {python}; PostgreSQL {version[0]}, fsync {fsync[0]},"
        f" synchronous_commit {commit[0]}, all on loopback; median (min–max) of the repeats, ours and floor in turns"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Today, queue and inbox among a thousand open items and a million: lists, filtered too, an item, an agent's 1:1, and
the beginning of the export.

Items come from SQL, spread over 25 agents and a month, of five kinds; one in ten asks what others ask too.
"""

import statistics
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from django.db import connection

from agents.fleet.models import Agent
from agents.runs.models import ReviewItem
from benchmarks.fleet import make_agents, make_team
from benchmarks.pages import signed_in, taken
from benchmarks.stand import Stand
from benchmarks.table import Row, Spread, against, at_most, spread
from console.supervisor.ports import LOOPBACK

AGENTS, FEW, MANY = 25, 1_000, 1_000_000
NEXT_MS, EXPORT_MS = 150, 2_000
LISTS = {
    "Today": "/",
    "queue page": "/queue/",
    "its grave ones": "/queue/?severity=high",
    "its approvals": "/queue/?kind=approval",
    "what waits": "/queue/?need=waiting",
    "exceptions": "/exceptions/",
    "grave exceptions": "/exceptions/?severity=high",
    "exceptions that wait": "/exceptions/?need=waiting",
    "an agent's 1:1": "/agents/{agent}/one-on-one/",
}
EXPORT = "/queue/export.csv"
CLOSED = "/exceptions/?state=resolved"
# Ids in order of time, as uuid7 makes them; ranks without ties, as money makes them.
FILL = """
WITH made AS (
  SELECT n, (ARRAY['approval', 'question', 'guardrail', 'handoff', 'failure'])[1 + n / 7 %% 5] AS kind,
    (ARRAY['low', 'medium', 'high'])[1 + n %% 3] AS severity,
    (%(agents)s::uuid[])[1 + n %% {agents}] AS agent,
    now() - interval '30 days' * (1 - n / %(last)s::float8) AS at,
    lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
      || substr(md5(n::text), 4, 14) AS id
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n),
raised AS (
  INSERT INTO runs_runexception (id, agent_id, kind, severity, title, step_key, detail, evidence, schema,
    proposal_sha256, state, cause, fingerprint, root_cause, root_cause_note, opened_at)
  SELECT (id || 'e')::uuid, agent, kind, severity, 'Refund of order ' || n || '?', '', 'The customer wrote twice.',
    '{{}}', '{{}}', '', 'open', '', md5((CASE WHEN n %% 10 = 0 THEN n / 1000 ELSE -n END)::text), '', '', at FROM made)
INSERT INTO runs_reviewitem (id, agent_id, exception_id, state, rank, rank_reason, facet, hops, created_at)
SELECT (id || 'a')::uuid, agent, (id || 'e')::uuid, 'open', n * 7919 %% 1000003 / 1000.0, 'p:0.55 severity:2',
  kind || ' ' || severity, 0, at FROM made
"""


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every answer must be 200 and list what is open."""
    few, many = (100, 2_000) if quick else (FEW, MANY)
    requests, repeats = (5, 2) if quick else (60, 5)
    agents = make_agents(make_team(), AGENTS, steps=1)
    cookie = signed_in(agents[0])
    with stand.web() as port:
        small = _listed(stand, port, cookie, agents, (1, few), requests, repeats)
        large = _listed(stand, port, cookie, agents, (few + 1, many), requests, repeats)
        begun = spread([_begun(port, cookie) for _ in range(repeats)], "ms")
        opened = _opened(port, cookie, agents, requests, repeats)
        closed = spread(
            [_p95(port, CLOSED, cookie, requests, "Nothing fits these filters") for _ in range(repeats)], "ms"
        )
    return [
        *(
            against(f"{name} among {many:,} open items, p95", large[name], small[name], f"among {few:,}", most=2)
            for name in LISTS
        ),
        at_most(f"what is closed among {many:,} open, from the server, p95", closed, NEXT_MS),
        at_most(f"an item among {many:,} from the server, p95", opened, NEXT_MS),
        at_most(f"the export of {many:,}, until its first rows", begun, EXPORT_MS),
    ]


def _listed(
    stand: Stand, port: int, cookie: str, agents: list[Agent], numbers: tuple[int, int], requests: int, repeats: int
) -> dict[str, Spread]:
    first, last = numbers
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"agents": [agent.pk for agent in agents], "first": first, "last": last}
        cursor.execute(FILL.format(agents=AGENTS), given)
    stand.analyze()
    paths = {name: path.format(agent=agents[0].slug) for name, path in LISTS.items()}
    return {
        name: spread([_p95(port, path, cookie, requests) for _ in range(repeats)], "ms") for name, path in paths.items()
    }


def _opened(port: int, cookie: str, agents: list[Agent], requests: int, repeats: int) -> Spread:
    """Items one after another, worst first, as they open beside the list."""
    worst = ReviewItem.objects.filter(agent__in=agents).order_by("-rank").values_list("pk", flat=True)[:repeats]
    asks = {"HX_Request": "true", "HX_Target": "detail"}
    return spread([_p95(port, f"/queue/{pk}/", cookie, requests, **asks) for pk in worst], "ms")


def _begun(port: int, cookie: str) -> float:
    """Milliseconds until the export's heading and first rows are there; the rest is left unread."""
    with closing(HTTPConnection(LOOPBACK, port)) as client:
        start = time.perf_counter()
        client.request("GET", EXPORT, headers={"Cookie": cookie})
        response = client.getresponse()
        assert response.status == 200, response.status
        heading, row = response.readline(), response.readline()
        took = time.perf_counter() - start
    assert heading.startswith(b"agent,"), heading
    assert b"Refund of order" in row, row
    return took * 1000


def _p95(port: int, path: str, cookie: str, requests: int, says: str = "Refund of order", **headers: str) -> float:
    return statistics.quantiles(taken(port, path, cookie, says, requests, **headers), n=20)[-1] * 1000

"""The web process is killed while runs come in: what it acknowledged is there, and nothing is there twice."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.connectors.actions import open_source, parse_inbox
from agents.connectors.invariants import INVARIANTS as INBOX_ALWAYS
from agents.connectors.models import InboxEvent
from agents.connectors.signing import signed
from agents.people.actions import create_token
from agents.people.enums import TokenScope
from agents.runs.invariants import INVARIANTS as RUNS_ALWAYS
from agents.runs.models import Run, Step
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.chaos.web import Web, web
from tests.ingest.documents import a_run

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
FULL = os.environ.get("CHAOS") == "full"
FAULTS = [f"ingest.{at}_commit:kill9:{nth}" for at in ("before", "after") for nth in ((1, 2, 3, 5) if FULL else (3,))]
MESSAGES, RUNS = 6, 5


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def server(tmp_path: Path, transactional_db: None) -> Iterator[Web]:
    with web(tmp_path) as one:
        yield one


def told(server: Web, path: str, document: Any, headers: dict[str, str], fault: str) -> Any:
    """Sends until somebody answers, as every sender does; a server that died is started again, in full to die again."""
    while (answer := server.post(path, document, headers)) is None:
        assert server.died(), "nobody answered, and nobody died"
        server.serve(fault if FULL and server.deaths < 4 else "")
    assert answer[0] in (200, 202), answer
    return answer[1]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_killed_server_loses_and_doubles_nothing(cast: Cast, server: Web, fault: str) -> None:
    """Reports of five runs and webhooks in turns; the third of all dies, before or after its commit."""
    scopes = [TokenScope.RUNS_WRITE]
    _token, secret = create_token(cast.team, cast.owner, name="m", scopes=scopes, days=1, actor=cast.owner)
    source, hook_secret = open_source(cast.team, name="n8n", actor=cast.chief)
    server.serve(fault)
    events = set()
    for message in range(MESSAGES):
        items = [{"agent": cast.agent.slug, **a_run(f"R-{message}-{number}")} for number in range(RUNS)]
        answer = told(server, "/api/v1/runs:batch", {"items": items}, {"Authorization": f"Bearer {secret}"}, fault)
        assert answer["rejected"] == 0
        body = json.dumps({"agent": cast.agent.slug, **a_run(f"H-{message}")}).encode()
        headers = signed(hook_secret, f"msg_{message}", body)
        events.add(told(server, f"/hooks/{source.pk}", body, headers, fault)["id"])
    assert server.deaths >= 1
    assert {str(pk) for pk in InboxEvent.objects.values_list("pk", flat=True)} == events
    InboxEvent.objects.update(received_at="2026-01-01T00:00:00Z")
    parse_inbox()
    runs = MESSAGES * (RUNS + 1)
    assert (len(events), Run.objects.count(), Step.objects.count()) == (MESSAGES, runs, runs * 3)
    assert not InboxEvent.objects.exclude(state="parsed").exists()
    assert AuditEvent.objects.filter(verb="run.reported").count() == runs
    assert [said for _name, check in (*RUNS_ALWAYS, *INBOX_ALWAYS) for said in check()] == []

"""What came from elsewhere is shown on the same pages as our own runs."""

from pathlib import Path

import pytest
from django.test import Client

from agents.connectors.actions import import_runs
from agents.runs.models import Run, RunException
from tests.cast import Cast, signed_in
from tests.ingest.documents import a_waiting_run
from tests.ingest.test_import import TAU, WHO, real
from tests.ingest.test_taking import take


@pytest.fixture
def owner(cast: Cast) -> Client:
    return signed_in(cast.owner)


def shown(client: Client, *paths: str) -> str:
    pages = [client.get(path) for path in paths]
    assert [page.status_code for page in pages] == [200] * len(paths)
    return "".join(page.content.decode() for page in pages)


@real
@pytest.mark.parametrize(("file", "format"), [(TAU, "tau-bench"), (WHO, "who-and-when")])
def test_real_runs_are_shown_step_by_step(cast: Cast, owner: Client, file: Path, format: str) -> None:
    import_runs(cast.agent, file.read_bytes(), format=format)
    runs = Run.objects.order_by("-last_seq")
    longest, shortest = runs[0], runs.reverse()[0]
    text = shown(owner, "/runs/", "/agents/refund-agent/", *(f"/runs/{run.pk}/" for run in (longest, shortest)))
    assert f"import:{format}" in text
    assert "mistake" not in text
    for exception in RunException.objects.all()[:2]:
        shown(owner, f"/exceptions/{exception.pk}/")


def test_a_question_of_somebody_else_s_agent_is_answered_on_its_page(cast: Cast, owner: Client) -> None:
    take(cast, a_waiting_run(asks=[{"id": "q", "title": "Which address?", "schema": {"type": "string"}}]))
    exception = RunException.objects.get()
    text = shown(owner, "/exceptions/", f"/exceptions/{exception.pk}/", f"/runs/{exception.run_id}/")
    assert text.count("Which address?") >= 3

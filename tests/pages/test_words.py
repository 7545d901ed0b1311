"""A Spanish reader reads in Spanish what our flows, the engine and the workers stored in English."""

import pytest
from django.test import Client

from agents.flows.triage.graph import graph
from agents.flows.triage.prompts import SETTINGS
from agents.flows.triage.shapes import ANSWER
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(cast: Cast, sign_in: SignIn) -> Client:
    cast.owner.language = "es"
    cast.owner.save()
    return sign_in(cast.owner)


@pytest.fixture
def run(cast: Cast) -> Run:
    made = a_run(cast.agent, RunState.WAITING)
    version = made.flow_version
    assert version
    version.graph = graph(SETTINGS).describe()
    version.save()
    reason = f"every guardrail passed; refused by citation; {HOSTILE}"
    Step.objects.filter(run=made, node="classify").update(reason=reason)
    return made


def test_the_run_page_says_criteria_nodes_and_reasons(reader: Client, run: Run) -> None:
    page = reader.get(f"/runs/{run.pk}/").content.decode()
    assert "<title>se pide una persona, el cliente habla de la ley o está enfadado" in page
    assert "<title>clasificar: " in page
    assert "pasó todas las salvaguardas; rechazada por: citas; " in page
    assert "<script>alert(2)" not in page


def test_the_stored_rows_stay_in_english(reader: Client, run: Run) -> None:
    reader.get(f"/runs/{run.pk}/")
    assert Step.objects.filter(run=run, reason__startswith="every guardrail passed").exists()


@pytest.mark.parametrize("path", ["/exceptions/{question.pk}/", "/queue/{question.item.pk}/"])
def test_the_answer_s_form_is_asked_in_the_reader_s_language(cast: Cast, reader: Client, run: Run, path: str) -> None:
    question = a_question(
        cast.agent,
        run,
        schema=ANSWER,
        title="The customer: close",
        detail="**Suggested.** Correct the draft below and send it.",
    )
    page = reader.get(path.format(question=question)).content.decode()
    for said in ("Qué hacer", "Cerrarlo sin enviar nada", "Respuesta al cliente", "El cliente: close", "Sugerencia."):
        assert said in page
    assert "What to do" not in page


def test_what_another_s_schema_says_is_shown_as_it_came(cast: Cast, reader: Client) -> None:
    page = reader.get(f"/exceptions/{a_question(cast.agent).pk}/").content.decode()
    assert "Days to wait" in page
    assert "<script>alert(2)" not in page

"""Several things are looked up at once, as each by itself would be, and what that saved is on the step (R-182)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.fleet.actions import add_knowledge
from agents.fleet.enums import OwnerRole
from agents.fleet.models import KnowledgeGrant
from agents.runs.queries.batched import batched
from agents.runs.services.knowledge import Knowledge, has_likeness
from agents.runs.services.reads import STATEMENTS, search_each
from agents.runs.services.threads import Threads
from tests.cast import Cast, make_agent
from tests.flows.library import Bench, bench_of, step
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["sign_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
SUSPECTS = [{"cause": "cable", "check": "loose cable"}, {"cause": "reader", "check": "card reader"}]
OPEN = {"suspects": SUSPECTS, "complex": False, "confirmed": False, "root_cause": "", "question": "Is the light on?"}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    found = bench_of(cast, rehearsal)
    text = "# Cable\nA loose cable stops it.\n\n# Reader\nThe card reader has a light.\n"
    add_knowledge(cast.agent, source="terminal.md", text=text, actor=cast.owner)
    return found


def test_each_of_several_is_found_as_by_itself_in_three_statements(cast: Cast, bench: Bench) -> None:
    lender = make_agent(cast.team, "lender", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    add_knowledge(lender, source="lent.md", text="# Light\nA red light is a fault.", actor=cast.owner)
    KnowledgeGrant.objects.create(agent=cast.agent, lender=lender)
    knowledge = Knowledge(cast.agent.pk, Threads())
    texts = ["loose cable", "the card readr", "light 'and' | (fault", "xylophones", ""]
    apart = [knowledge.search(text, 2) for text in texts]
    has_likeness()
    with CaptureQueriesContext(connection) as asked:
        assert search_each(knowledge, texts, 2) == apart
    assert len(asked) == STATEMENTS
    assert [bool(found) for found in apart[:4]] == [True, True, True, False]


def test_nothing_of_an_agent_that_lends_nothing_is_found_nor_helps_to_find(cast: Cast, bench: Bench) -> None:
    people = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    lender, stranger = (make_agent(cast.team, name, *people) for name in ("lender", "stranger"))
    KnowledgeGrant.objects.create(agent=cast.agent, lender=lender)
    for agent, text in ((lender, "A loose cable stops it."), (stranger, "A loose cable has a readerr.")):
        add_knowledge(agent, source="terminal.md", text=f"# Cable\n{text}", actor=cast.owner)
    knowledge = Knowledge(cast.agent.pk, Threads())
    cable, mistyped = search_each(knowledge, ["loose cable", "readerr"], 5)
    assert [one.lender for one in cable] == ["", "lender"]  # its own first where both say the same
    assert [one.title for one in mistyped] == (["Reader"] if has_likeness() else [])
    assert [knowledge.search(text) for text in ("loose cable", "readerr")] == [cable, mistyped]


def test_a_diagnosis_looks_every_check_up_at_once_and_says_what_that_saved(
    cast: Cast, bench: Bench, sign_in: SignIn
) -> None:
    twice = [*SUSPECTS, SUSPECTS[0], {"cause": "card", "check": "cable of the reader"}]
    bench.says(OPEN | {"suspects": twice}, OPEN)
    run = bench.run("diagnosis", "It takes no cards.")
    said = step(run, "tools/1").output
    assert said
    assert said["batch"] == {"size": 3, "calls": 0, "tokens": 0, "micros": 0, "reads": 2 * STATEMENTS}
    assert len(said["passages"]) == len(set(said["passages"].values())), "found for several, and numbered once"
    titles = {check: [said["passages"][mark] for mark in marks] for check, marks in said["about"].items()}
    assert "loose cable stops" in titles["loose cable"][0]
    assert "has a light" in titles["card reader"][0]
    assert batched(run.steps.all()).reads == 2 * STATEMENTS
    assert "6 reads saved" in sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()

"""One door for whatever leaves: no flow of the library publishes what a guardrail refuses and nobody released."""

import pytest

from agents.engine import Graph
from agents.fleet.models import PolicyVersion
from agents.flows.catalog import LIBRARY, recipe
from agents.runs.models import Output
from tests.cast import Cast
from tests.flows.library import Bench, bench_of
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
NOTHING_PASSES = {"longest_reply": 1}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def writes(graph: Graph) -> bool:
    return any(node.effect.changes_the_world or (node.flow and writes(node.flow)) for node in graph.nodes)


PUBLISHING = [one.slug for one in LIBRARY if writes(one.graph)]


def test_these_flows_publish_or_change_something() -> None:
    assert PUBLISHING == ["triage", "state-graph", "gate", "trainer", "retail"]


@pytest.mark.parametrize("slug", PUBLISHING)
def test_what_a_guardrail_refuses_is_not_published(cast: Cast, bench: Bench, slug: str) -> None:
    PolicyVersion.objects.create(team=cast.team, number=99, statement="Nothing passes.", rules=NOTHING_PASSES)
    run = bench.run(slug, **recipe(slug).example)
    assert run.state in ("waiting", "failed")
    assert not Output.objects.exists()

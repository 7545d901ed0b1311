"""Looking up by meaning: only with an embedding endpoint, paid once, fused with the order by words."""

from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from agents.fleet.actions import add_knowledge, remove_knowledge
from agents.fleet.actions.vectors import embed_passages
from agents.fleet.embedding import NoVectors, embedded
from agents.fleet.models import KnowledgePassage, PassageVector
from agents.fleet.tasks import embed
from agents.runs.enums import RunState
from agents.runs.models import Run
from agents.runs.services.knowledge import Knowledge
from agents.runs.services.nearness import BY_HAND, LEAST, NEAREST, PGVECTOR, fused, has_vectors
from agents.runs.services.threads import Threads
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.flows.library import bench_of, finding, keys, step
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["sign_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
MODEL = "rehearsal-embedding"
TEXTS = {"money.md": "Reimbursements arrive within a week.", "luggage.md": "Luggage may weigh twenty kilos."}


@pytest.fixture
def endpoint(rehearsal: Rehearsal, settings: Settings) -> Rehearsal:
    """The stand-in model, which makes vectors too, at a dollar for a million tokens."""
    settings.EMBEDDING_MODEL, settings.EMBEDDING_PRICE_MICROS = MODEL, 10**6
    settings.EMBEDDING_BASE_URL, settings.EMBEDDING_API_KEY = f"{rehearsal.url}/v1", "rehearsal"
    return rehearsal


def lies(endpoint: Rehearsal, *vectors: list[float]) -> None:
    """What the endpoint answers to the next request."""
    endpoint.script([{"kind": "reply", "for": "embeddings", "vectors": list(vectors)}])


def known(cast: Cast, endpoint: Rehearsal) -> Knowledge:
    """Of the agent, whose passage of money lies along the first axis and that of luggage along the second."""
    for source, text in TEXTS.items():
        add_knowledge(cast.agent, source=source, text=text, actor=cast.owner)
    lies(endpoint, [0.0, 2.0], [3.0, 0.0])  # by source: luggage, money
    assert embed_passages() == 2
    return Knowledge(cast.agent.pk, Threads())


def found(knowledge: Knowledge, text: str) -> list[str]:
    return [one.source for one in knowledge.search(text, 5, knowledge.nearest(text).output)]


def test_each_passage_gets_a_vector_once_and_what_that_cost_is_in_the_trail(cast: Cast, endpoint: Rehearsal) -> None:
    known(cast, endpoint)
    assert embed_passages() == 0
    assert PassageVector.objects.get(passage__source="money.md").values == [1.0, 0.0]
    told = AuditEvent.objects.get(verb="knowledge.embedded")
    tokens = sum(-(-len(text) // 4) for text in TEXTS.values())
    assert (told.agent_id, AuditPayload.objects.get(pk=told.pk).body) == (
        cast.agent.pk,
        {"passages": 2, "model": MODEL, "tokens": tokens, "cost_micros": tokens},
    )
    remove_knowledge(cast.agent, source="money.md", actor=cast.owner)
    assert PassageVector.objects.count() == 1


def test_another_model_makes_all_vectors_anew(cast: Cast, endpoint: Rehearsal, settings: Settings) -> None:
    known(cast, endpoint)
    settings.EMBEDDING_MODEL = "another"
    lies(endpoint, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    assert embed_passages() == 2
    assert set(PassageVector.objects.values_list("model", flat=True)) == {"another"}


@pytest.mark.parametrize("answer", ["500", "html", "bad_json", "hang", [[0.0, 0.0], [1.0, 0.0]], [[1.0]]], ids=str)
def test_an_endpoint_that_fails_leaves_the_passages_for_the_next_minute(
    cast: Cast, endpoint: Rehearsal, monkeypatch: pytest.MonkeyPatch, answer: str | list[list[float]]
) -> None:
    for source, text in TEXTS.items():
        add_knowledge(cast.agent, source=source, text=text, actor=cast.owner)
    said = {"kind": answer} if isinstance(answer, str) else {"kind": "reply", "vectors": answer}
    endpoint.script([said | {"for": "embeddings", "seconds": 0.01}] * 2)
    with pytest.raises(NoVectors):
        embedded(["a", "b"])
    embed()
    assert not PassageVector.objects.exists()
    embed()
    assert PassageVector.objects.count() == 2


def test_what_shares_no_word_is_found_by_its_meaning_and_what_lies_afar_is_not(cast: Cast, endpoint: Rehearsal) -> None:
    knowledge = known(cast, endpoint)
    assert knowledge.search("Where is my refund?") == []
    lies(endpoint, [1.0, 0.2])
    assert found(knowledge, "Where is my refund?") == ["money.md"]
    lies(endpoint, [1.0, 1.0])
    assert found(knowledge, "How much may luggage weigh?") == ["luggage.md", "money.md"]  # both orders have it
    lies(endpoint, [1.0, 0.0, 0.0])  # of a model that was changed meanwhile: another space
    assert found(knowledge, "Where is my refund?") == []


def test_with_pgvector_and_by_hand_the_order_is_the_same(cast: Cast, endpoint: Rehearsal) -> None:
    known(cast, endpoint)
    given: dict[str, Any] = {
        "agents": [cast.agent.pk],
        "model": MODEL,
        "asked": [0.8, 0.6],
        "text": "x",
        "least": LEAST,
        "pool": 5,
    }
    orders = []
    with connection.cursor() as cursor:
        for alike in (PGVECTOR, BY_HAND) if has_vectors() else (BY_HAND,):
            cursor.execute(NEAREST.format(alike=alike), given | {"most": 10})
            orders.append([pk for (pk,) in cursor.fetchall()])
    money, luggage = (str(KnowledgePassage.objects.get(source=source).pk) for source in TEXTS)
    assert orders == [[money, luggage]] * len(orders)


def test_what_stands_in_both_orders_goes_before_what_leads_in_one() -> None:
    worth = fused(["a", "b", "c"], ["b", "d"])
    assert sorted(worth, key=lambda name: -worth[name]) == ["b", "a", "d", "c"]
    assert worth["b"] == pytest.approx(1 / 62 + 1 / 61)


def test_a_run_pays_for_the_vector_of_its_question_as_a_step_of_its_own(cast: Cast, endpoint: Rehearsal) -> None:
    run = looked_up(cast, endpoint)
    assert keys(run) == ["triage/1", "enrich/1/0", "enrich/1", "resolve/1"]
    sub = step(run, "enrich/1/0")
    assert (sub.model, sub.effect, sub.tokens_in, sub.cost_micros) == (MODEL, "model", 9, 9)
    assert run.cost_micros == sum(run.steps.values_list("cost_micros", flat=True))
    assert step(run, "enrich/1").output["sources"] == ["refunds.md"]  # type: ignore[index]


def test_when_the_endpoint_fails_a_run_looks_up_by_words_and_says_so(cast: Cast, endpoint: Rehearsal) -> None:
    endpoint.script([{"kind": "500", "for": "embeddings"}])
    run = looked_up(cast, endpoint)
    assert run.state == RunState.DONE
    sub = step(run, "enrich/1/0")
    assert (sub.output, sub.cost_micros) == ([], 0)
    assert "by words alone: the embedding endpoint failed (InternalServerError)" in sub.reason


def looked_up(cast: Cast, endpoint: Rehearsal) -> Run:
    bench = bench_of(cast, endpoint)
    bench.says(finding("yes"), {"score": 0.6, "heat": "hot", "finding": "It is so."})
    return bench.run("lead-validation", "Does a refund arrive by Monday?..")


def test_the_page_says_how_many_passages_are_found_by_meaning(cast: Cast, endpoint: Rehearsal, sign_in: SignIn) -> None:
    known(cast, endpoint)
    add_knowledge(cast.agent, source="new.md", text="Not yet.", actor=cast.owner)
    page = sign_in(cast.owner).get(f"/agents/{cast.agent.slug}/memory/").content.decode()
    assert f"By meaning too: 2 of 3 passages have vectors of {MODEL}." in page


SURE = {"intent": "question", "confidence": 0.9, "wants_human": False, "emotion": "calm", "language": "en"}
PARAPHRASE = "Your money is back within {} days on what you had used. [p1]"


@pytest.mark.parametrize(
    ("days", "lie", "publishes"),
    [
        ("5 to 10", [0.7, 0.714], True),
        ("5 to 10", [0.3, 0.954], False),
        ("5 to 10", None, False),
        ("3", [1.0, 0.0], False),
    ],
    ids=["meant", "not-meant", "endpoint-fails", "wrong-number"],
)
def test_a_claim_in_other_words_holds_by_meaning_where_its_numbers_do(
    cast: Cast, endpoint: Rehearsal, days: str, lie: list[float] | None, publishes: bool
) -> None:
    bench = bench_of(cast, endpoint)
    draft = {"kind": "reply", "text": PARAPHRASE.format(days)}
    bench.says(SURE, draft, draft)
    lies(endpoint, [1.0, 0.0])  # what the question lies near
    far = {"kind": "500", "for": "embeddings"} if lie is None else None
    for _draft in range(2):
        endpoint.script([far]) if far else lies(endpoint, [1.0, 0.0], lie or [])
    run = bench.run("triage", "How many working days until refunds arrive?")
    assert run.state == (RunState.DONE if publishes else RunState.WAITING)
    subs = run.steps.filter(key__startswith="verify/1/")
    assert subs.count() == (days != "3")
    if publishes:
        assert (subs.get().model, subs.get().effect, step(run, "verify/1").output["publishable"]) == (  # type: ignore[index]
            MODEL,
            "model",
            True,
        )
        assert not any("[p1]" in said for said in endpoint.calls()[-1]["body"]["input"])


def test_every_flow_that_publishes_holds_claims_by_meaning_too(cast: Cast, endpoint: Rehearsal) -> None:
    bench = bench_of(cast, endpoint)
    bench.says({"query": "refunds"}, {"tool": "", "arguments": {}}, {"reply": PARAPHRASE.format("5 to 10")})
    lies(endpoint, [1.0, 0.0])
    lies(endpoint, [1.0, 0.0], [0.7, 0.714])
    run = bench.run("account-question", "How many working days until refunds arrive?")
    assert (run.state, step(run, "publish/1/0").model) == (RunState.DONE, MODEL)
    assert run.cost_micros == sum(run.steps.values_list("cost_micros", flat=True))


def test_the_vectors_of_several_questions_are_made_in_one_request(cast: Cast, endpoint: Rehearsal) -> None:
    knowledge = known(cast, endpoint)
    before = len(endpoint.calls())
    lies(endpoint, [1.0, 0.0], [0.0, 1.0])
    near = knowledge.nearest_each(["Is my cash back?", "How heavy is a bag?"])
    assert [len(ids) for ids in near.output] == [1, 1]
    assert near.output[0] != near.output[1]
    assert len(endpoint.calls()) == before + 1

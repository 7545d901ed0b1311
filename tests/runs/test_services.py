"""What the nodes of a flow may use."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from agents.engine import LeaseLost, StepFault, digest
from agents.fleet.actions import grant_knowledge, withdraw_knowledge
from agents.fleet.enums import OwnerRole, Tier
from agents.fleet.models import Agent, KnowledgePassage, Model, PolicyVersion, Price, PromptVersion
from agents.runs.execution.claim import claim
from agents.runs.models import Output, Run
from agents.runs.services import Services, services_for
from agents.runs.services.prices import cost_micros
from agents.runs.services.rulebook import LIBRARY
from agents.runs.services.threads import Undone
from audit.models import AuditEvent
from tests.cast import Cast, make_agent, make_cast
from tests.runs.toys import started

PASSED = {"text_sha256": digest("Hello"), "verdicts": [{"name": "length", "passed": True}], "publishable": True}


def held(cast: Cast) -> Run:
    run = claim(started(cast.agent, "chain").pk)
    assert run is not None
    return run


@pytest.fixture
def services(cast: Cast) -> Services:
    return services_for(held(cast))


def passage(agent: Agent, ordinal: int, text: str, title: str = "") -> None:
    KnowledgePassage.objects.create(agent=agent, source="policy.md", ordinal=ordinal, title=title, text=text)


def test_an_agent_finds_its_own_passages_best_first(cast: Cast, services: Services) -> None:
    passage(cast.agent, 1, "Luggage may weigh twenty kilos.")
    passage(cast.agent, 2, "A refund takes seven days.", title="Refund")
    passage(cast.agent, 3, "Ask for a refund by e-mail.")
    passage(cast.rival_agent, 1, "A refund is never given.", title="Refund refund")
    found = services.knowledge.search("How long does a refund take?")
    assert [(one.ordinal, one.title) for one in found] == [(2, "Refund"), (3, "")]


def test_another_agent_s_knowledge_is_found_only_while_it_is_granted(cast: Cast, services: Services) -> None:
    lender = make_agent(cast.team, "librarian", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    passage(cast.agent, 1, "A refund takes seven days.")
    passage(lender, 1, "A refund of a gift goes to whoever paid.")
    assert [one.lender for one in services.knowledge.search("refund gift")] == [""]
    grant_knowledge(cast.agent, lender=lender, why="Gifts are theirs", actor=cast.owner)
    assert [one.lender for one in services.knowledge.search("refund gift")] == ["librarian", ""]
    withdraw_knowledge(cast.agent, lender=lender, actor=cast.owner)
    assert [one.lender for one in services.knowledge.search("refund gift")] == [""]


def test_a_misspelt_word_finds_what_the_likest_word_would(cast: Cast, services: Services) -> None:
    passage(cast.agent, 1, "A refund takes seven days.", title="Refund")
    passage(cast.agent, 2, "Luggage may weigh twenty kilos.")
    passage(cast.agent, 3, "Form A12345 from Luga: a fund, days of a refunder, as soon as possible.")
    passage(cast.rival_agent, 1, "Wonderfull weathers, a reffund.")
    words = {"My lugage?": [2], "Any reffund?": [1], "Wonderful weather": []}
    words |= {"day": [], "A12346": [], "Soonaspossible": []}  # too short, not of letters, nowhere one word
    for said, found in words.items():
        assert [one.ordinal for one in services.knowledge.search(said)] == found, said


def test_a_search_takes_any_text(cast: Cast, services: Services) -> None:
    passage(cast.agent, 1, "A refund takes seven days.")
    for text in ("", "   ", "& | ! ( ) ' : * <->", "refund' | (", "🧾", "x" * 5000):
        assert len(services.knowledge.search(text)) <= 1


def test_an_agent_s_own_prompt_goes_before_the_team_s(cast: Cast, services: Services) -> None:
    def prompt(agent: Agent | None, number: int, task: str) -> None:
        PromptVersion.objects.create(
            team=cast.team, agent=agent, flow="toy-chain", role="writer", number=number, system="s", task=task
        )

    prompt(None, 1, "old")
    prompt(None, 2, "new")
    assert services.prompts.get("writer").task == "new"
    assert services.prompts.get("writer").version == "toy-chain/writer/2"
    prompt(cast.agent, 1, "mine")
    assert services.prompts.get("writer").task == "mine"
    with pytest.raises(LookupError, match="judge"):
        services.prompts.get("judge")


def test_a_flow_s_own_prompt_goes_before_the_library_s_however_many_that_has(cast: Cast, services: Services) -> None:
    for flow, number in (("toy-chain", 1), (LIBRARY, 1), (LIBRARY, 2)):
        PromptVersion.objects.create(
            team=cast.team, flow=flow, role="writer", number=number, system="s", task=f"{flow} {number}"
        )
    assert services.prompts.get("writer").task == "toy-chain 1"


def test_the_newest_policy_is_in_force_for_the_whole_run(cast: Cast, services: Services) -> None:
    assert services.policy.version is None
    for number in (1, 2):
        PolicyVersion.objects.create(team=cast.team, number=number, statement="", rules={"n": number})
    fresh = services_for(held(cast)).policy
    assert fresh.rules == {"n": 2}
    PolicyVersion.objects.create(team=cast.team, number=3, statement="", rules={"n": 3})
    assert fresh.rules == {"n": 2}


def model(cast: Cast, name: str, tier: Tier) -> Model:
    return Model.objects.create(team=cast.team, provider="openai", name=name, tier=tier)


def test_a_tier_without_a_model_takes_the_next_above_and_else_below(cast: Cast, services: Services) -> None:
    model(cast, "small", Tier.CHEAP)
    model(cast, "large", Tier.PREMIUM)
    assert [services.models.name(tier) for tier in Tier] == ["small", "large", "large"]
    Model.objects.filter(name="large").delete()
    assert services_for(held(cast)).models.name(Tier.PREMIUM) == "small"


def test_a_team_without_models_is_told_so(services: Services) -> None:
    with pytest.raises(StepFault, match="No language model"):
        services.models.name(Tier.CHEAP)


def test_the_team_s_own_price_goes_before_the_public_one(cast: Cast, services: Services) -> None:
    mine = model(cast, "gpt-4o-mini", Tier.CHEAP)
    for since, price in ((date(2025, 1, 1), 1), (date(2025, 6, 1), 3_000_000), (date(2999, 1, 1), 9)):
        Price.objects.create(model=mine, input_micros=price, output_micros=2 * price, since=since)
    assert services.models.price("gpt-4o-mini", 10, 1) == 36
    assert services.models.price("gpt-4o", 1_000_000, 0) == 2_500_000


def test_a_price_is_rounded_up_to_whole_micro_units() -> None:
    price = Price(input_micros=1, output_micros=0)
    assert cost_micros(price, "m", 1, 0, rehearsal=False) == 1


def test_a_rehearsal_costs_nothing_unless_priced_and_unknown_money_is_not_spent() -> None:
    assert cost_micros(None, "rehearsal-small", 100, 100, rehearsal=True) == 0
    with pytest.raises(StepFault, match="No price"):
        cost_micros(None, "rehearsal-small", 100, 100, rehearsal=False)


def test_an_output_is_published_once_a_step_with_its_pass_record(cast: Cast, services: Services) -> None:
    said, record = "Hello\x00", PASSED | {"text_sha256": digest("Hello\x00")}
    first = services.outputs.publish("send/1", kind="reply", content=said, pass_record=record)
    released = {"released_by": "person"}
    assert services.outputs.publish("send/1", kind="reply", content="Other", pass_record=released) == first
    output = Output.objects.get()
    assert (str(output.pk), output.content, output.pass_record) == (first, "Hello�", record)
    assert output.published_at is not None
    assert AuditEvent.objects.filter(verb="output.published").count() == 1


def test_nothing_is_published_without_a_pass_record(cast: Cast, services: Services) -> None:
    with pytest.raises(ValueError, match="pass record"):
        services.outputs.publish("send/1", kind="reply", content="Hello", pass_record={})
    for record in ({**PASSED, "publishable": False}, {**PASSED, "text_sha256": digest("Hullo")}, {"publishable": True}):
        with pytest.raises(StepFault, match="guardrail"):
            services.outputs.publish("send/1", kind="reply", content="Hello", pass_record=record)
    assert not Output.objects.exists()
    run = Run.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Output.objects.create(run=run, step_key="x", kind="reply", content="", published_at=run.created_at)


def test_a_stale_worker_publishes_nothing(cast: Cast, services: Services) -> None:
    Run.objects.update(fence=7)
    with pytest.raises(LeaseLost):
        services.outputs.publish("send/1", kind="reply", content="Hello", pass_record=PASSED)
    assert not Output.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_branch_s_connection_ends_with_its_query() -> None:
    cast = make_cast()
    passage(cast.agent, 1, "A refund takes seven days.")
    services = services_for(held(cast))
    left: list[object] = []

    def branch() -> None:
        assert len(services.knowledge.search("refund")) == 1
        left.append(connection.connection)

    thread = threading.Thread(target=branch)
    thread.start()
    thread.join()
    assert left == [None]
    assert connection.connection is not None


def test_what_is_undone_leaves_no_row_though_it_sees_its_own(cast: Cast) -> None:
    undone = Undone()
    with undone.query():
        passage(cast.agent, 1, "A refund takes seven days.")
        assert KnowledgePassage.objects.exists()
    assert not KnowledgePassage.objects.exists()

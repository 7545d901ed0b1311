"""Models at providers of the team's own: each with its endpoint, key and prices, one after another when one fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.actions import add_model, end_model
from agents.fleet.enums import Tier
from agents.fleet.models import Endpoint, Model, Price
from agents.flows.actions import equip
from agents.runs.services.models import Models
from agents.runs.services.rulebook import Policy
from agents.runs.services.threads import Threads
from audit.models import AuditEvent, AuditPayload
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.model import use_rehearsal
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server

__all__ = ["machine", "rehearsal", "rehearsal_server", "sign_in", "use_rehearsal"]
pytestmark = pytest.mark.django_db
PAGE = "/settings/models/"
QUERIES = 7
"""Session, person, team, sidebar; models, their prices, and whether she may add one."""
SAID = [{"role": "system", "content": "Say yes."}, {"role": "user", "content": "Well?"}]
TYPED = {"provider": "Nearby", "base_url": "https://models.example.com/v1/", "key": "secret-1", "name": "near-1"} | {
    "tier": "cheap",
    "input_micros": "0.15",
    "output_micros": "0.6",
}


@pytest.fixture
def elsewhere() -> Iterator[Rehearsal]:
    """A second provider."""
    server = Rehearsal()
    yield server
    server.stop()


def added(cast: Cast, **changes: Any) -> Model:
    given: dict[str, Any] = {"provider": "Nearby", "base_url": "https://models.example.com/v1", "key": "secret-1"}
    given |= {"name": "near-1", "tier": Tier.CHEAP, "input_micros": 10**6, "output_micros": 10**6, "actor": cast.chief}
    return add_model(cast.team, **(given | changes))


def test_each_model_is_called_at_its_own_provider_with_its_own_key_and_price(
    cast: Cast, rehearsal: Rehearsal, elsewhere: Rehearsal, use_rehearsal: None, settings: Settings
) -> None:
    settings.EGRESS_ALLOW = [*settings.EGRESS_ALLOW, elsewhere.url.removeprefix("http://")]
    added(cast, base_url=f"{elsewhere.url}/v1")
    other = Model.objects.create(team=cast.team, name="second", provider="openai", tier=Tier.CHEAP)
    Price.objects.create(model=other, input_micros=10**7, output_micros=10**7, since="2025-01-01")
    threads = Threads()
    models = Models(cast.team.pk, False, threads, Policy(cast.team.pk, threads))
    elsewhere.script([{"kind": "reply", "text": "far"}, {"kind": "429", "retry_after": 60}])
    rehearsal.script([{"kind": "reply", "text": "home"}])
    first, second = (models.chat(Tier.CHEAP, SAID, max_tokens=50) for _ in range(2))
    assert (first.text, first.model, second.text, second.model) == ("far", "near-1", "home", "second")
    assert second.why == "instead of near-1, which failed: rate_limited"
    assert (len(elsewhere.calls()), len(rehearsal.calls())) == (2, 1)
    assert second.used.cost_micros > 5 * first.used.cost_micros > 0


def test_a_key_is_kept_encrypted_and_told_to_nobody(cast: Cast, sign_in: SignIn, machine: MakeMachine) -> None:
    client = sign_in(cast.administrator)
    assert client.post(f"{PAGE}add/", TYPED).status_code == 302
    endpoint = Endpoint.objects.get()
    assert (endpoint.base_url, endpoint.key.reveal()) == ("https://models.example.com/v1", "secret-1")
    price = Price.objects.get(model__name="near-1")
    assert (price.input_micros, price.output_micros) == (150_000, 600_000)
    page = client.get(PAGE).content.decode()
    assert ("near-1" in page, "models.example.com" in page, "secret-1" in page) == (True, True, False)
    told = AuditPayload.objects.get(pk=AuditEvent.objects.get(verb="model.added").pk).body
    assert "secret-1" not in str(told)
    caller = machine("chief")
    status, listed = caller.get("/models")
    [one] = listed["models"]
    assert (status, one["name"], one["provider"], one["input_micros"]) == (200, "near-1", "Nearby", 150_000)
    typed = TYPED | {"name": "near-2", "input_micros": 1, "output_micros": 2, "context_window": 128_000}
    status, made = caller.post("/models", typed)
    assert (status, [one["name"] for one in made["models"]]) == (201, ["near-1", "near-2"])
    status, left = caller.call("DELETE", f"/models/{made['models'][0]['id']}")
    assert (status, [one["name"] for one in left["models"]]) == (200, ["near-2"])
    assert "secret-1" not in str(caller.get("/models"))


def test_what_cannot_be_called_is_refused_with_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.chief)
    for wrong in (
        {"key": ""},
        {"base_url": "http://127.0.0.1:1/v1"},
        {"base_url": "nowhere"},
        {"input_micros": "x"},
        {"base_url": "ftp://a.b"},
    ):
        answer = client.post(f"{PAGE}add/", TYPED | wrong)
        assert (answer.status_code, "near-1" in answer.content.decode()) == (422, True), wrong
    assert not Endpoint.objects.exists()
    with pytest.raises(NotAllowed):
        added(cast, actor=cast.engineer)
    for odd in (
        {"input_micros": -1},
        {"name": "a\x00"},
        {"provider": "a\x00"},
        {"context_window": -1},
        {"tier": "x"},
    ):
        with pytest.raises(Invalid):
            added(cast, **odd)


def test_a_model_is_put_right_ended_and_not_called_at_two_providers(cast: Cast) -> None:
    model = added(cast)
    assert added(cast, key="", tier=Tier.PREMIUM, input_micros=5).pk == model.pk
    assert (Endpoint.objects.get().key.reveal(), Price.objects.get().input_micros) == ("secret-1", 5)
    with pytest.raises(Conflict):
        added(cast, provider="Another")
    for _ in range(2):
        end_model(model, actor=cast.administrator)
    assert not Model.objects.filter(is_active=True).exists()
    assert AuditEvent.objects.filter(verb="model.ended").count() == 1


def test_a_kept_key_is_sent_to_no_address_but_the_one_it_was_given_for(cast: Cast) -> None:
    added(cast)
    with pytest.raises(Invalid) as refused:
        added(cast, key="", base_url="https://elsewhere.example/v1")
    assert "key" in refused.value.fields
    assert Endpoint.objects.get().base_url == "https://models.example.com/v1"
    added(cast, key="secret-2", base_url="https://elsewhere.example/v1")
    assert Endpoint.objects.get().key.reveal() == "secret-2"
    said = [row.body["base_url"] for row in AuditPayload.objects.filter(body__name="near-1").order_by("pk")]
    assert said == ["https://models.example.com/v1", "https://elsewhere.example/v1"]


def test_the_limits_of_an_agent_change_no_model_of_another_provider(cast: Cast, use_rehearsal: None) -> None:
    model = added(cast, name="rehearsal-small", tier=Tier.PREMIUM)
    end_model(model, actor=cast.chief)
    with pytest.raises(Invalid) as refused:
        equip(cast.agent, actor=cast.owner)
    assert refused.value.code == "models"
    model.refresh_from_db()
    assert (model.provider, model.tier, model.is_active) == ("Nearby", Tier.PREMIUM, False)


def test_the_page_costs_the_same_however_many_models_there_are(
    cast: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(cast.chief)
    client.get(PAGE)
    for number in range(3):
        added(cast, name=f"near-{number}")
    with django_assert_num_queries(QUERIES):
        assert client.get(PAGE).status_code == 200

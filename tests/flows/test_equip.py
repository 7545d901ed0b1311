"""What an agent of ours may spend, and what it calls: said again, it holds from that moment on."""

import pytest
from pytest_django import Settings

from agents.base.errors import Invalid, NotAllowed
from agents.fleet.actions import add_model
from agents.fleet.enums import Tier
from agents.fleet.models import Assignment, Model
from agents.flows.actions import equip
from agents.runs.actions import set_day_cap
from agents.runs.actions.caps import follow_day_cap
from agents.runs.budgets import day_budget
from agents.runs.models import Budget
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _endpoint(settings: Settings) -> None:
    settings.MODEL_IS_REHEARSAL = False


def given(cast: Cast, day_cap: int, name: str = "gpt-5-mini") -> Budget:
    equip(cast.agent, actor=cast.owner, models={Tier.STANDARD: name}, run_cap_micros=1, day_cap_micros=day_cap)
    found = day_budget(cast.agent)
    assert found is not None
    return found


def test_new_limits_hold_today_but_never_below_what_is_in_use(cast: Cast) -> None:
    assert given(cast, 1000).cap_micros == 1000
    assert given(cast, 5000).cap_micros == 5000
    Budget.objects.update(spent_micros=300, reserved_micros=200)
    assert given(cast, 400).cap_micros == 500
    assert Assignment.objects.get(agent=cast.agent).day_cap_micros == 400


def test_a_day_s_cap_is_raised_by_who_configures_the_agent(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        set_day_cap(cast.agent, cap_micros=10, actor=cast.owner)
    assert refused.value.code == "nothing_to_run"
    given(cast, 1000)
    with pytest.raises(NotAllowed):
        set_day_cap(cast.agent, cap_micros=2000, actor=cast.second)
    with pytest.raises(NotAllowed):
        follow_day_cap(cast.agent, cap_micros=2000, actor=cast.second)
    assert set_day_cap(cast.agent, cap_micros=2000, actor=cast.owner).cap_micros == 2000
    with pytest.raises(Invalid):
        set_day_cap(cast.agent, cap_micros=10**13, actor=cast.owner)


def test_another_model_of_a_tier_takes_the_place_of_the_one_before(cast: Cast) -> None:
    given(cast, 10, "a-model")
    given(cast, 10, "b-model")
    assert list(Model.objects.filter(is_active=True).values_list("name", flat=True)) == ["b-model"]
    given(cast, 10, "a-model")
    assert list(Model.objects.filter(is_active=True).values_list("name", flat=True)) == ["a-model"]


def test_a_model_that_is_called_at_another_provider_stays_there(cast: Cast) -> None:
    said = {"provider": "Nearby", "base_url": "https://models.example.com/v1", "key": "secret", "name": "near-1"}
    add_model(cast.team, **said, tier=Tier.STANDARD, input_micros=1, output_micros=1, actor=cast.chief)
    with pytest.raises(Invalid, match="near-1 is called at another provider"):
        given(cast, 10, "near-1")
    given(cast, 10, "a-model")
    assert Model.objects.filter(is_active=True).count() == 2, "one tier may have models at several"


def test_a_model_named_for_two_tiers_is_of_the_later_one(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner, models={Tier.CHEAP: "a-model", Tier.PREMIUM: "b-model"})
    equip(cast.agent, actor=cast.owner, models={Tier.CHEAP: "b-model", Tier.STANDARD: "b-model"})
    assert list(Model.objects.filter(is_active=True).values_list("name", "tier")) == [("b-model", Tier.STANDARD)]

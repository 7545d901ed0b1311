"""What an agent of ours may spend, and what it calls: said again, it holds from that moment on."""

from typing import Any

import pytest
from pytest_django import Settings

from agents.base.errors import Invalid, NotAllowed
from agents.fleet.actions import add_model
from agents.fleet.enums import Tier, Vendor
from agents.fleet.models import Assignment, Model, PolicyVersion
from agents.flows.actions import equip
from agents.flows.triage.prompts import POLICY_RULES
from agents.runs.actions import set_day_cap
from agents.runs.actions.caps import MOST_CAP, follow_day_cap
from agents.runs.budgets import day_budget
from agents.runs.models import Budget
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NAMED = {Tier.STANDARD: "gpt-5-mini"}


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
    kept = Assignment.objects.get(agent=cast.agent)
    assert (kept.day_cap_micros, kept.cost_center) == (400, cast.agent.function)


@pytest.mark.parametrize(("run", "day"), [(0, 10), (11, 10), (1, MOST_CAP + 1)])
def test_a_run_s_cap_is_above_zero_and_at_most_the_day_s(cast: Cast, run: int, day: int) -> None:
    with pytest.raises(Invalid, match="at most the day's cap"):
        equip(cast.agent, actor=cast.owner, models=NAMED, run_cap_micros=run, day_cap_micros=day)


def test_an_agent_of_another_vendor_runs_nothing_here(cast: Cast) -> None:
    cast.agent.vendor = Vendor.MONACO
    with pytest.raises(Invalid, match="Only agents of ours"):
        equip(cast.agent, actor=cast.owner, models=NAMED)


def test_the_first_policy_goes_behind_rules_that_were_set_before_and_is_written_once(cast: Cast) -> None:
    PolicyVersion.objects.create(team=cast.team, number=3, statement="", rules={"longest_reply": 9, "tone": {}})
    for _ in range(2):
        given(cast, 10)
    kept = PolicyVersion.objects.get(team=cast.team, number=4)
    assert kept.rules == POLICY_RULES | {"longest_reply": 9, "tone": {}}
    assert PolicyVersion.objects.count() == 2


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


def test_it_takes_the_place_of_none_for_another_tier_at_another_provider_or_for_rehearsals(cast: Cast) -> None:
    said: dict[str, Any] = {
        "provider": "Nearby",
        "base_url": "https://models.example.com/v1",
        "key": "secret",
        "name": "near-1",
    }
    add_model(cast.team, **said, tier=Tier.STANDARD, input_micros=1, output_micros=1, actor=cast.chief)
    Model.objects.create(team=cast.team, name="stand-in", provider="openai", tier=Tier.STANDARD, is_rehearsal=True)
    equip(cast.agent, actor=cast.owner, models={Tier.CHEAP: "small", Tier.STANDARD: "a-model"})
    given(cast, 10, "b-model")
    in_use = set(Model.objects.filter(is_active=True).values_list("name", flat=True))
    assert in_use == {"near-1", "stand-in", "small", "b-model"}


def test_a_team_names_a_model_unless_it_has_one_in_use(cast: Cast) -> None:
    given(cast, 10)
    equip(cast.agent, actor=cast.owner)
    Model.objects.update(is_active=False)
    with pytest.raises(Invalid, match="Name the model"):
        equip(cast.agent, actor=cast.owner)


def test_a_model_named_for_two_tiers_is_of_the_later_one(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner, models={Tier.CHEAP: "a-model", Tier.PREMIUM: "b-model"})
    equip(cast.agent, actor=cast.owner, models={Tier.CHEAP: "b-model", Tier.STANDARD: "b-model"})
    assert list(Model.objects.filter(is_active=True).values_list("name", "tier")) == [("b-model", Tier.STANDARD)]

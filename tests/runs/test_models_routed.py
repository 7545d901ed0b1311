"""Which model answers a call, who answers when it does not, and what is not paid twice."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from agents.engine import ModelFault, StepFault, Usage
from agents.fleet.enums import Tier
from agents.fleet.models import Model, PolicyVersion, Price
from agents.runs.enums import Route
from agents.runs.models import KeptAnswer
from agents.runs.services import routing
from agents.runs.services.answers import Answer, KeptAnswers, forget_answers
from agents.runs.services.models import Models
from agents.runs.services.routing import cheaper, chosen, healthy_first, note_latency, planned
from agents.runs.services.rulebook import Policy
from agents.runs.services.threads import Threads
from tests.cast import Cast
from tests.model import use_rehearsal
from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server", "use_rehearsal"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
SAID = [{"role": "system", "content": "Say yes."}, {"role": "user", "content": "Well?"}]


def models(cast: Cast, context: str = "", **rules: Any) -> Models:
    """A run's view of two models under a policy of these rules."""
    for tier, name in ((Tier.CHEAP, "small"), (Tier.PREMIUM, "large")):
        row, made = Model.objects.get_or_create(
            team=cast.team, name=name, defaults={"provider": "openai", "tier": tier, "is_rehearsal": True}
        )
        if made:
            Price.objects.create(model=row, input_micros=10**6, output_micros=10**6, since=dt.date(2025, 1, 1))
    number = PolicyVersion.objects.filter(team=cast.team).count() + 1
    PolicyVersion.objects.create(team=cast.team, number=number, statement="", rules=rules)
    threads = Threads()
    return Models(cast.team.pk, True, threads, Policy(cast.team.pk, threads), context)


def says(text: str) -> dict[str, Any]:
    return {"kind": "reply", "text": text}


def asked(given: Models, **more: Any) -> Answer:
    return given.chat(Tier.CHEAP, SAID, max_tokens=50, **more)


@pytest.mark.parametrize(
    ("role", "length", "tier", "rule"),
    [
        ("writer", 10, Tier.STANDARD, None),
        ("writer", 2001, Tier.PREMIUM, 1),
        ("scout", 10, Tier.CHEAP, 2),
        ("judge", 9000, Tier.STANDARD, None),
    ],
)
def test_the_first_rule_that_fits_decides_and_says_so(role: str, length: int, tier: Tier, rule: int | None) -> None:
    rules = [
        {"role": "writer", "tier": "premium", "longer_than": 2000},
        {"role": "scout", "tier": "cheap"},
        {"role": "scout", "tier": "premium"},
    ]
    found = chosen(rules, role, Tier.STANDARD, length)
    assert found.tier == tier
    assert (f"rule {rule} of the policy" in found.why) == (rule is not None)
    assert bool(found.why) == (rule is not None)


def test_a_rule_for_every_role_sends_the_call_to_its_tier(cast: Cast) -> None:
    found = asked(models(cast, model_rules=[{"role": "*", "tier": "premium"}]), role="anything")
    assert (found.model, "rule 1 of the policy" in found.why) == ("large", True)


def test_a_model_that_fails_is_followed_by_the_next_whose_answer_bears_both_costs(
    cast: Cast, rehearsal: Rehearsal
) -> None:
    rehearsal.script([{"kind": "429", "retry_after": 60}, says("yes")])
    found = asked(models(cast))
    assert (found.text, found.model) == ("yes", "large")
    assert found.why == "instead of small, which failed: rate_limited"


def test_a_model_that_answers_at_its_second_try_says_what_became_of_the_first(
    cast: Cast, rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.engine.model.random.uniform", lambda low, high: low)
    rehearsal.script(["500", "empty", says("yes")])
    found = asked(models(cast))
    assert (found.text, found.model) == ("yes", "small")
    assert found.why == "asked again, for it failed: provider_error, empty"


def test_a_model_that_just_failed_is_asked_last_by_the_next_call(cast: Cast, rehearsal: Rehearsal) -> None:
    given = models(cast)
    rehearsal.script([{"kind": "429", "retry_after": 60}, says("one"), says("two")])
    asked(given)
    found = asked(given)
    assert (found.text, found.model) == ("two", "large")
    assert found.why == "small failed a moment ago and is asked last"


def test_a_model_that_has_become_slow_is_asked_last_for_a_minute_and_the_step_says_so(
    cast: Cast, rehearsal: Rehearsal
) -> None:
    given = models(cast)
    small = Model.objects.get(name="small")
    for ms in (*[400] * 5, 2500, 400, 400, 2500, 400, 400):  # now and then a slow one is nothing
        note_latency(small, ms)
    assert asked(given).why == ""
    for ms in (5000, 5000):  # two of the last three
        note_latency(small, ms)
    found = asked(given)
    assert (found.model, found.why) == (
        "large",
        "small has become slow (5000 ms, before that 400 ms) and is asked last",
    )
    quick = Model.objects.get(name="large")
    for ms in (*[10] * 5, *[1900] * 5):  # many times slower, and still quick
        note_latency(quick, ms)
    assert healthy_first([quick, small])[0] == [quick, small]


@pytest.mark.parametrize(
    ("calls", "first"),
    [
        ([10, 10, 10, 500, 500, 500], "quick"),
        ([100, 5_000, 5_000, 5_000], "quick"),
        ([100, 100, 100, 5_000, 5_000, 5_000], "small"),
    ],
    ids=["quick-all-the-same", "too-few-to-tell", "slow"],
)
def test_slow_is_who_takes_seconds_and_far_longer_than_before(cast: Cast, calls: list[int], first: str) -> None:
    quick, small = Model(name="quick", tier=Tier.CHEAP), Model(name="small", tier=Tier.CHEAP)
    for ms in calls:
        note_latency(quick, ms)
    assert healthy_first([quick, small])[0][0].name == first


def test_once_its_minute_is_over_it_takes_as_many_slow_calls_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, aside = Model(name="quick", tier=Tier.CHEAP), list[Model]()
    monkeypatch.setattr(routing, "set_aside", lambda row, why: aside.append(row))
    for times, ms in ((3, 100), (3, 5_000), (1, 5_000)):
        for _ in range(times):
            note_latency(quick, ms)
    assert aside == [quick]


def test_a_plan_moves_a_call_by_one_tier_and_never_beyond_the_last() -> None:
    moved = [planned(Route.BETTER_MODEL, tier).tier for tier in routing.UP]
    assert moved == [Tier.STANDARD, Tier.PREMIUM, Tier.PREMIUM]
    assert [planned(Route.CHEAPER_MODEL, tier).tier for tier in routing.UP] == [Tier.CHEAP, Tier.CHEAP, Tier.STANDARD]
    assert planned(Route.BETTER_MODEL, Tier.PREMIUM).why == ""


def test_of_the_cheaper_ones_the_best_comes_first() -> None:
    small, middle, large = (Model(name=tier, tier=tier) for tier in routing.UP)
    assert cheaper([small, large, middle], large) == [middle, small]


def test_a_model_that_is_no_longer_in_use_is_not_asked(cast: Cast, rehearsal: Rehearsal) -> None:
    given = models(cast)
    Model.objects.filter(name="small").update(is_active=False)
    assert asked(given).model == "large"


def test_where_our_own_words_are_more_than_the_policy_allows_nobody_is_asked(cast: Cast, rehearsal: Rehearsal) -> None:
    with pytest.raises(StepFault) as refused:
        asked(models(cast, token_limits=[{"agent": "*", "role": "*", "most": 4}]))
    assert (refused.value.kind, rehearsal.calls()) == ("token_limit", [])


def test_when_two_models_fail_no_third_is_asked_and_the_first_fault_is_told_with_what_both_cost(
    cast: Cast, rehearsal: Rehearsal
) -> None:
    Model.objects.create(team=cast.team, name="middle", provider="openai", tier=Tier.STANDARD, is_rehearsal=True)
    rehearsal.script([{"kind": "429", "retry_after": 60}, {"kind": "429", "retry_after": 90}])
    with pytest.raises(ModelFault) as caught:
        asked(models(cast))
    assert (caught.value.kind, caught.value.retry_after) == ("rate_limited", 60)
    assert len(rehearsal.calls()) == 2


class Failing:
    """A gateway whose models all fail in one way, and what each of them was given."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.given: list[dict[str, Any]] = []

    def chat(self, messages: Any, **given: Any) -> None:
        self.given.append(given)
        raise ModelFault(self.kind, "No", usage=Usage(cost_micros=300))


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Failing]:
    def every(kind: str) -> Failing:
        gateway = Failing(kind)
        monkeypatch.setattr(Models, "_gateway", lambda self, row: gateway)
        return gateway

    return every


@pytest.mark.parametrize(("kind", "times"), [("quota", 1), ("refused", 1), ("provider_error", 2)])
def test_what_no_other_model_would_help_with_is_asked_of_none(
    cast: Cast, failing: Callable[[str], Failing], kind: str, times: int
) -> None:
    gateway = failing(kind)
    with pytest.raises(ModelFault):
        asked(models(cast))
    assert len(gateway.given) == times


def test_the_second_model_may_cost_what_the_first_has_left(cast: Cast, failing: Callable[[str], Failing]) -> None:
    gateway = failing("provider_error")
    with pytest.raises(ModelFault):
        asked(models(cast), cost_limit_micros=1_000)
    assert [one["cost_limit_micros"] for one in gateway.given] == [1_000, 700]


def test_an_answer_takes_at_most_half_of_what_the_policy_allows(cast: Cast, failing: Callable[[str], Failing]) -> None:
    gateway = failing("quota")
    with pytest.raises(ModelFault):
        asked(models(cast, token_limits=[{"agent": "*", "role": "*", "most": 60}]))
    assert [one["max_tokens"] for one in gateway.given] == [30]


def test_a_call_that_is_too_dear_is_not_sent_to_a_dearer_model(cast: Cast, rehearsal: Rehearsal) -> None:
    with pytest.raises(ModelFault, match="cost more"):
        asked(models(cast), cost_limit_micros=1)
    assert rehearsal.calls() == []


def test_after_one_that_is_too_dear_comes_the_cheaper_one_not_the_next_in_order(
    cast: Cast, rehearsal: Rehearsal
) -> None:
    given = models(cast)
    middle = Model.objects.create(
        team=cast.team, name="middle", provider="openai", tier=Tier.STANDARD, is_rehearsal=True
    )
    Price.objects.create(model=middle, input_micros=10**9, output_micros=10**9, since=dt.date(2025, 1, 1))
    Price.objects.filter(model__name="large").update(input_micros=10**9, output_micros=10**9)
    found = given.chat(Tier.STANDARD, SAID, max_tokens=50, cost_limit_micros=1_000)
    assert (found.model, len(rehearsal.calls())) == ("small", 1)


def test_the_same_question_is_paid_once_while_the_policy_keeps_answers(cast: Cast, rehearsal: Rehearsal) -> None:
    given = models(cast, answers_kept_minutes=60)
    first, second = asked(given, again=True), asked(given, again=True)
    assert len(rehearsal.calls()) == 1
    assert (second.text, second.data, second.model) == (first.text, first.data, first.model)
    assert (first.usage().cost_micros > 0, second.usage().cost_micros, second.usage().tokens_in) == (True, 0, 0)
    assert second.why.startswith("answered before, which saved 0.")
    assert KeptAnswer.objects.get().uses == 1


def test_an_answer_is_not_given_again_under_another_policy_context_or_after_its_time(
    cast: Cast, rehearsal: Rehearsal
) -> None:
    asked(models(cast, answers_kept_minutes=60), again=True)
    asked(models(cast, answers_kept_minutes=60), again=True)
    asked(models(cast, "abc", answers_kept_minutes=60), again=True)
    assert len(rehearsal.calls()) == 3
    KeptAnswer.objects.update(until=timezone.now())
    last = models(cast, "abc", answers_kept_minutes=60)
    asked(last, again=True)
    asked(last)
    asked(models(cast), again=True)
    assert len(rehearsal.calls()) == 6


def test_an_answer_is_given_again_to_its_own_team_and_before_its_time_is_over_only(cast: Cast) -> None:
    ours, theirs = (KeptAnswers(team.pk, 60, ("1", ""), Threads()) for team in (cast.team, cast.rival_team))
    key = ours.key("small", SAID, None, 50)
    ours.keep(key, Answer("Yes.", None, "small", Usage("small")))
    assert (theirs.key("small", SAID, None, 50), theirs.find(key)) == (key, None)
    found = ours.find(key)
    assert found
    assert found.text == "Yes."
    KeptAnswer.objects.update(until=timezone.now())
    assert ours.find(key) is None
    assert KeptAnswer.objects.get().uses == 1


def test_answers_long_past_their_end_are_forgotten(cast: Cast) -> None:
    asked(models(cast, answers_kept_minutes=60), again=True)
    KeptAnswer.objects.update(until=timezone.now() - dt.timedelta(days=29))
    assert forget_answers() == 0
    KeptAnswer.objects.update(until=timezone.now() - dt.timedelta(days=31))
    assert forget_answers() == 1

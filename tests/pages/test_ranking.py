"""The page that says how the queue is ranked."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.runs.enums import RunState
from agents.runs.models import Assessment, RankingVersion, Run, Step
from console.pages.ranking.weighing import bins
from tests.cast import Cast
from tests.morning.stage import ago, ran, review
from tests.pages.conftest import SignIn

QUERIES = 6
"""Session, person, team, sidebar; versions and weights."""
LEARNT = {"base": -2.0, "weights": {"errors": 1.6}, "decisions": 240, "wrong": 60, "auc": 0.81, "brier": 0.11}
BESIDE = {"shipped_auc": 0.7, "shipped_brier": 0.15, "bins": [{"predicted": 0.081, "found": 0.1, "count": 120}]}


def learnt(cast: Cast, *, in_use: bool, number: int = 1) -> RankingVersion:
    return RankingVersion.objects.create(team=cast.team, number=number, in_use=in_use, **LEARNT, **BESIDE)


def test_the_shipped_weights_are_shown_with_their_reasons(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/settings/ranking/").content.decode()
    assert "Nothing learnt yet" in page
    assert "1 step with an error" in page
    assert "× 1.8" in page
    assert "Agents recover from one error; from several seldom." in page


@pytest.mark.parametrize("versions", [1, 3])
def test_what_was_learnt_is_shown_beside_what_was_found(
    cast: Cast, sign_in: SignIn, versions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(versions):
        learnt(cast, in_use=True, number=number)
    client = sign_in(cast.owner)
    with django_assert_num_queries(QUERIES):
        page = client.get("/settings/ranking/").content.decode()
    assert "From 240 decisions of this team, 60 of which found something wrong" in page
    assert '<td class="num">8 %</td><td class="num"><b>10 %</b><div class="sub">5–17 %</div></td>' in page
    assert ">more often<" not in page
    assert "× 5.0" in page
    assert "shipped × 1.8" in page


def test_what_came_otherwise_than_foretold_is_told_from_chance() -> None:
    told = bins({"predicted": p, "found": 0.1, "count": count} for p, count in ((0.02, 100), (0.4, 100), (0.4, 10)))
    assert [(each.more, each.less) for each in told] == [(True, False), (False, True), (False, False)]


def test_weights_that_are_no_better_are_not_used(cast: Cast, sign_in: SignIn) -> None:
    learnt(cast, in_use=False)
    page = sign_in(cast.owner).get("/settings/ranking/").content.decode()
    assert "those stay in use" in page
    assert "shipped × 1.8" not in page


def test_another_team_s_ranking_is_its_own(cast: Cast, sign_in: SignIn) -> None:
    learnt(cast, in_use=True)
    assert "Nothing learnt yet" in sign_in(cast.rival).get("/settings/ranking/").content.decode()


def test_a_run_s_page_says_what_speaks_against_it_and_where_to_look(cast: Cast, sign_in: SignIn) -> None:
    run = Run.objects.create(agent=cast.agent, state=RunState.DONE, result="Done", title="Refund")
    Step.objects.create(run=run, key="a", seq=1, node="assistant", kind="role", output="I assume it is lost.")
    Step.objects.create(run=run, key="b", seq=2, node="refund", kind="tool", state="failed", error="Error: no")
    client, address = sign_in(cast.owner), f"/runs/{run.pk}/"
    page = client.get(address).content.decode()
    assert "5 % likely wrong" in page
    assert "1 step with an error" in page
    assert "Look first at" not in page
    Assessment.objects.create(run=run, signals={"failed": 1, "errors": 3}, p_wrong=0.6)
    page = client.get(address).content.decode()
    assert "94 % likely wrong" in page
    assert '<a href="#step-1">1 assistant</a>' in page


def test_a_quiet_run_s_page_accuses_nobody(cast: Cast, sign_in: SignIn) -> None:
    run = Run.objects.create(agent=cast.agent, state=RunState.DONE, result="Done")
    assert "likely wrong" not in sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()


def test_an_agent_s_day_names_the_runs_that_are_likely_wrong(cast: Cast, sign_in: SignIn) -> None:
    day = review(cast.agent, ago(hours=9))
    run = ran(cast.agent, ago(hours=2), title="Ticket 9")
    Assessment.objects.create(run=run, signals={"errors": 3}, p_wrong=0.9)
    page = sign_in(cast.owner).get(f"/queue/reviews/{day.pk}/").content.decode()
    assert f'<a href="/runs/{run.pk}/">Ticket 9</a>' in page
    assert "a run 90 % likely wrong" in page

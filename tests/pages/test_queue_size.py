"""A queue without an end: the worst are listed, the count stops, and nothing that is alike hides what is not."""

from django.db import connection

from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs.models import ReviewItem, RunException
from agents.runs.queries import queue
from agents.runs.queries.worst import CANDIDATES, COUNTED, MOST
from benchmarks.queue import FILL
from tests.cast import Cast
from tests.morning.stage import analyze
from tests.pages.conftest import SignIn


def fill(cast: Cast, many: int) -> None:
    """Open items of the agents the owner reviews."""
    agents = [agent.pk for agent in agents_for(cast.owner, Verb.REVIEW)]
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(agents=len(agents)), {"agents": agents, "first": 1, "last": many})
    analyze()


def test_the_worst_are_listed_and_the_count_stops(cast: Cast, sign_in: SignIn) -> None:
    fill(cast, COUNTED + 1)
    shown = queue(cast.owner, cast.team)
    listed = [item.rank for group in shown.groups for item in group.items]
    assert (shown.counted, shown.listed) == (f"{COUNTED}+", MOST)
    others = ReviewItem.objects.filter(rank__gt=min(listed)).count()
    assert others < MOST + COUNTED // 10, "only what is folded may rank higher and not be listed"
    page = sign_in(cast.owner).get("/queue/").content.decode()
    assert f"{COUNTED}+ open · the {MOST} worst are listed" in page
    assert page.count(f'<b class="n" title="wait for your decision">{COUNTED}+</b>') == 1


def test_a_filter_counts_and_lists_its_own(cast: Cast, sign_in: SignIn) -> None:
    fill(cast, 9)
    page = sign_in(cast.owner).get("/queue/?severity=high").content.decode()
    assert page.count('id="item-') == RunException.objects.filter(severity="high").count() == 3
    assert "3 open" in page


def test_what_is_alike_shows_a_row_even_when_its_first_ranks_far_below(cast: Cast) -> None:
    fill(cast, CANDIDATES + 50)
    RunException.objects.update(fingerprint="f" * 64, severity="low", agent=cast.agent)
    ReviewItem.objects.update(agent=cast.agent)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE runs_reviewitem i SET rank = place FROM (SELECT id, row_number() OVER (ORDER BY id) AS place"
            " FROM runs_reviewitem) p WHERE p.id = i.id"
        )
    [group] = queue(cast.owner, cast.team).groups
    assert [item.folded for item in group.items] == [CANDIDATES - 1]

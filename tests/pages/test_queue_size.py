"""A queue without an end: the worst are listed, the count stops, and nothing that is alike hides what is not."""

from dataclasses import replace

from django.db import connection
from django.db.models import CharField
from django.db.models.functions import Cast as Text

from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.permissions import agents_for
from agents.runs.models import ReviewItem, RunException
from agents.runs.queries import Need, needing, queue
from agents.runs.queries.narrowing import Only
from agents.runs.queries.worst import CANDIDATES, COUNTED, FEW, MOST, worst
from benchmarks.queue import FILL
from tests.cast import Cast, make_agents
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
    assert (shown.counted, len(listed)) == (f"{COUNTED}+", MOST)
    others = ReviewItem.objects.filter(rank__gt=min(listed)).count()
    assert others < MOST + COUNTED // 10, "only what is folded may rank higher and not be listed"
    page = sign_in(cast.owner).get("/queue/").content.decode()
    assert f"{COUNTED}+ open · the {shown.listed} worst are listed" in page
    assert page.count(f'<b class="n" title="wait for your decision">{COUNTED}+</b>') == 1


def test_what_is_not_read_of_many_agents_is_none_of_the_worst(cast: Cast) -> None:
    owners = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    make_agents({(cast.team, f"agent-{n}"): owners for n in range(CANDIDATES // FEW + 1)})
    fill(cast, CANDIDATES + 150)
    RunException.objects.update(fingerprint=Text("pk", CharField()))
    ranks = ReviewItem.objects.filter(exception__in=needing(cast.owner, cast.team, "", Verb.REVIEW))
    for only in (Only(), Only(kind="approval")):
        fitting = ranks.filter(exception__kind=only.kind) if only.kind else ranks
        listed, _total = worst(cast.owner, cast.team, "", only)
        found = sorted((item.rank for items in listed.values() for item in items), reverse=True)
        assert found[:50] == list(fitting.order_by("-rank").values_list("rank", flat=True)[:50]), only


def test_a_filter_counts_and_lists_its_own(cast: Cast, sign_in: SignIn) -> None:
    fill(cast, 9)
    page = sign_in(cast.owner).get("/queue/?severity=high").content.decode()
    assert page.count('id="item-') == RunException.objects.filter(severity="high").count() == 3
    assert "3 open" in page


NARROWED = (Only(), Only(kind="approval"), Only(severity="high"), Only(kind="question", severity="low"))
FILTERS: list[tuple[Need | str, Only]] = [(need, only) for need in ("", *Need) for only in NARROWED]


def test_every_filter_of_the_queue_finds_what_the_export_finds(cast: Cast) -> None:
    fill(cast, 45)
    RunException.objects.filter(title__contains="7").update(step_key="s1")
    RunException.objects.filter(title__contains="4").update(severity="high", kind="check_in")
    ReviewItem.objects.filter(exception__severity="low").update(assignee=cast.owner)
    for need, only in [*FILTERS, *((need, replace(only, mine=True)) for need, only in FILTERS)]:
        listed, _total = worst(cast.owner, cast.team, need, only)
        exported = only.of(needing(cast.owner, cast.team, need, Verb.REVIEW), cast.owner)
        found = {item.pk for items in listed.values() for item in items}
        assert found <= set(exported.values_list("item", flat=True)), (need, only)
        assert sum(1 + item.folded for items in listed.values() for item in items) >= exported.count(), (need, only)


def test_an_item_s_facet_follows_its_exception(cast: Cast) -> None:
    fill(cast, 1)
    RunException.objects.update(severity="high", step_key="s1")
    item = ReviewItem.objects.get()
    assert item.facet == f"{item.exception and item.exception.kind} high waits"
    item.save()
    ReviewItem.objects.update(facet="")
    assert ReviewItem.objects.get().facet == item.facet


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

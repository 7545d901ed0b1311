"""The pages of runs: the list, the page of one, and what a person may do with it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, Model
from agents.people.models import User
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from tests.cast import Cast, make_agents
from tests.morning.stage import analyze
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run, an_approval, an_output

# Of the fragments: what the sidebar counts is not ours.
LIST_QUERIES = 6
# The last four weigh what speaks against a run that nobody has assessed yet.
PAGE_QUERIES = 17


def queries_of(client: Client, path: str, *, fragment: bool = True) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path, headers={"HX-Request": "true"} if fragment else {}).status_code == 200
    return len(caught)


def test_the_list_costs_the_same_for_one_run_and_for_three(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    a_run(cast.agent)
    assert queries_of(client, "/runs/") == LIST_QUERIES
    a_run(cast.agent, RunState.FAILED)
    a_run(cast.agent, RunState.WAITING)
    assert queries_of(client, "/runs/") == LIST_QUERIES


def test_the_newest_of_a_whole_fleet_are_found_and_counted_without_reading_every_run(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.pages.runs.listing.COUNTED", 50)
    owners = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    fleet = make_agents({(cast.team, f"more-{n}"): owners for n in range(24)})
    Run.objects.bulk_create(Run(agent=agent, state=RunState.DONE) for _ in range(100) for agent in fleet)
    analyze()
    with CaptureQueriesContext(connection) as caught:
        assert sign_in(cast.owner).get("/runs/").status_code == 200
    listed, counted = (each["sql"] for each in caught if 'ORDER BY "runs_run"."created_at" DESC' in each["sql"])
    for statement, index in ((listed, "run_newest"), (counted, "run_state_newest")):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert f"using {index} on runs_run" in plan
        assert "Seq Scan on runs_run" not in plan


def test_a_step_says_how_full_its_model_s_window_was(cast: Cast, sign_in: SignIn) -> None:
    Model.objects.create(team=cast.team, provider="openai", name="small", tier="cheap", context_window=8000)
    run = a_run(cast.agent)
    for seq, name in enumerate(("small", "unknown"), start=1):
        Step.objects.create(run=run, key=f"s/{seq}", seq=seq, node="s", model=name, tokens_in=6200, tokens_out=200)
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    assert page.count("6,400 of 8,000 tokens, 80 %") == 1


def test_the_page_of_a_run_costs_the_same_for_one_exception_and_for_three(cast: Cast, sign_in: SignIn) -> None:
    client, run = sign_in(cast.owner), a_run(cast.agent)
    an_output(run)
    a_question(cast.agent, run)
    assert queries_of(client, f"/runs/{run.pk}/") == PAGE_QUERIES
    for number in range(2):
        an_output(run, f"send/{number + 2}")
        a_question(cast.agent, run, step_key=f"approve/{number + 2}")
    assert queries_of(client, f"/runs/{run.pk}/") == PAGE_QUERIES


def test_the_list_says_so_when_there_is_nothing(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.owner).get("/runs/").content.decode()
    assert "No run yet" in text


def test_figures_rows_and_filter_agree(cast: Cast, sign_in: SignIn) -> None:
    for state in (RunState.DONE, RunState.DONE, RunState.FAILED):
        a_run(cast.agent, state)
    page = sign_in(cast.owner).get("/runs/", {"state": "done", "agent": cast.agent.slug})
    figures = {str(figure.label): (figure.count, figure.on) for figure in page.context["figures"]}
    assert figures == {"Done": (2, True), "Failed": (1, False)}
    assert len(page.context["rows"]) == 2


def test_figures_are_counted_no_further_than_somebody_reads_them(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.pages.runs.listing.COUNTED", 2)
    Run.objects.bulk_create(Run(agent=cast.agent, state=RunState.DONE) for _ in range(4))
    a_run(cast.agent, RunState.FAILED)
    page = sign_in(cast.owner).get("/runs/")
    figures = {str(figure.label): (figure.count, figure.more) for figure in page.context["figures"]}
    assert figures == {"Done": (2, True), "Failed": (1, False)}
    assert "<b>2+</b>Done" in page.content.decode()


def test_days_of_the_list_are_the_reader_s(cast: Cast, sign_in: SignIn) -> None:
    User.objects.filter(pk=cast.owner.pk).update(zone="America/Lima")
    late, next_day = (
        a_run(cast.agent, created_at=datetime(2026, 11, 10, hour, 59, tzinfo=UTC) + timedelta(days=1))
        for hour in (4, 5)
    )
    client = sign_in(cast.owner)
    seen = [client.get("/runs/", {"first": day, "last": day}).context["rows"] for day in ("2026-11-10", "2026-11-11")]
    assert [[run.pk for run in rows] for rows in seen] == [[late.pk], [next_day.pk]]


def test_the_list_goes_on_where_the_page_ended(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.pages.runs.listing.PAGE", 2)
    runs = [a_run(cast.agent) for _ in range(5)]
    client, path, seen = sign_in(cast.owner), "/runs/", []
    while path:
        page = client.get(path)
        seen += [run.pk for run in page.context["rows"]]
        path = page.context["next"]
    assert seen == [run.pk for run in reversed(runs)]


def test_what_began_last_comes_first_whenever_we_were_told_of_it(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.pages.runs.listing.PAGE", 2)
    ours, at = a_run(cast.agent), timezone.now()
    told = [a_run(cast.agent, source="sync:monaco", created_at=at - timedelta(hours=hours)) for hours in (30, 1, 30, 1)]
    client = sign_in(cast.owner)
    pages = [client.get("/runs/")]
    while path := pages[-1].context["next"]:
        pages.append(client.get(path))
    seen = [run.pk for page in pages for run in page.context["rows"]]
    assert seen == [ours.pk, told[3].pk, told[1].pk, told[2].pk, told[0].pk]


def test_a_vendor_s_run_is_neither_called_ours_nor_free_where_nobody_said_what_it_cost(
    cast: Cast, sign_in: SignIn
) -> None:
    Agent.objects.filter(pk=cast.agent.pk).update(vendor="monaco")
    run = a_run(cast.agent, source="sync:monaco", cost_micros=0, flow_version=None)
    run.steps.update(cost_micros=0, tokens_in=0, tokens_out=0)
    client, steps = sign_in(cast.owner), run.steps.count()
    page, agent = (client.get(path).content.decode() for path in (f"/runs/{run.pk}/", f"/agents/{cast.agent.slug}/"))
    listed = client.get("/runs/", headers={"HX-Request": "true"}).content.decode()
    assert (page.count("<dd>not told"), listed.count("not told")) == (2 + steps, 1), "of money, of tokens, of each step"
    assert ">not told<" in agent
    assert "$0" not in page + listed
    assert "Monaco" in listed
    assert "Rollcall" not in listed
    Run.objects.filter(pk=run.pk).update(cost_micros=20_000)
    for path in ("/runs/", f"/runs/{run.pk}/"):
        assert "$0.02" in client.get(path).content.decode()


def test_an_unknown_filter_is_no_filter(cast: Cast, sign_in: SignIn) -> None:
    a_run(cast.agent)
    page = sign_in(cast.owner).get("/runs/?state=exploded&since=yesterday&before=x&batch=1&agent=%00")
    assert len(page.context["rows"]) == 1


def test_a_stranger_finds_neither_the_run_nor_its_buttons(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.QUEUED)
    for stranger in (cast.rival, cast.manager):
        client = sign_in(stranger)
        assert client.get(f"/runs/{run.pk}/").status_code == 404
        assert client.post(f"/runs/{run.pk}/cancel/").status_code == 404
        assert run not in client.get("/runs/").context["rows"]


@pytest.mark.parametrize("act", ["again", "pause", "resume", "cancel", "release"])
def test_a_reader_is_told_in_a_sentence_that_the_buttons_are_not_theirs(cast: Cast, sign_in: SignIn, act: str) -> None:
    run = a_run(cast.agent, RunState.DONE if act == "again" else RunState.QUEUED)
    client = sign_in(cast.auditor)
    assert f"/{act}/" not in client.get(f"/runs/{run.pk}/").content.decode()
    page = client.post(f"/runs/{run.pk}/{act}/")
    assert page.status_code == 403
    assert "You may not do this with refund agent" in page.content.decode()


def test_the_page_shows_the_graph_with_what_became_of_each_node(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent)
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/")
    drawing = page.context["page"].drawing
    assert {box.name: str(box.fate) for box in drawing.boxes + drawing.frames} == {
        "classify": "confirmed",
        "look": "confirmed",
        "orders": "confirmed",
        "policy": "confirmed",
        "history": "confirmed",
        "weigh": "confirmed",
        "approve": "confirmed",
        "send": "confirmed",
        "hand over": "skipped",
    }
    assert {way.criterion for way in drawing.ways if way.taken} == {
        "an order is named",
        "always",
        "a refund is due and it is above the agent's own limit",
        "approved",
    }
    assert [box.name for box in drawing.boxes if box.name in ("orders", "policy", "history") and box.critical] == [
        "orders"
    ]


def test_what_an_agent_wrote_stays_text_on_every_page(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.WAITING, title="<img src=x onerror=alert(1)>")
    an_output(run)
    exception = an_approval(cast.agent, run)
    client = sign_in(cast.owner)
    for path in ("/runs/", f"/runs/{run.pk}/", "/exceptions/", f"/exceptions/{exception.pk}/", "/audit/"):
        text = client.get(path).content.decode()
        assert "alert(1)" in text, path
        assert "<img" not in text, path
        assert "<script>alert" not in text, path
        assert '<b hx-get="/x"' not in text, path
        assert "\u202e" not in text, path


def test_a_rehearsal_is_named_plainly(cast: Cast, sign_in: SignIn) -> None:
    client, words = sign_in(cast.owner), "No language model took part"
    assert words in client.get(f"/runs/{a_run(cast.agent).pk}/").content.decode()
    assert words not in client.get(f"/runs/{a_run(cast.agent, is_rehearsal=False).pk}/").content.decode()


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (RunState.QUEUED, {"pause", "cancel"}),
        (RunState.RUNNING, {"pause", "cancel"}),
        (RunState.WAITING, {"pause", "cancel"}),
        (RunState.QUARANTINED, {"release", "cancel"}),
        (RunState.DONE, {"again", "wrong", "rating"}),
        (RunState.FAILED, {"again", "wrong", "rating"}),
        (RunState.CANCELLED, {"again", "wrong", "rating"}),
    ],
)
def test_the_buttons_are_those_the_state_allows(
    cast: Cast, sign_in: SignIn, state: RunState, offered: set[str]
) -> None:
    page = sign_in(cast.owner).get(f"/runs/{a_run(cast.agent, state).pk}/")
    text = page.content.decode()
    assert set(re.findall(r'action="/runs/[^/]+/(\w+)/"', text)) == offered


def test_pause_resume_and_cancel_go_round(cast: Cast, sign_in: SignIn) -> None:
    run, client = a_run(cast.agent, RunState.QUEUED), sign_in(cast.owner)
    client.post(f"/runs/{run.pk}/pause/")
    assert Run.objects.get(pk=run.pk).is_paused
    assert "resume/" in client.get(f"/runs/{run.pk}/").content.decode()
    client.post(f"/runs/{run.pk}/resume/")
    client.post(f"/runs/{run.pk}/cancel/", {"reason": "wrong ticket"})
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.CANCELLED, "wrong ticket")
    assert client.post(f"/runs/{run.pk}/cancel/").status_code == 409


def test_only_an_id_from_elsewhere_is_shown_as_the_ticket(cast: Cast, sign_in: SignIn) -> None:
    runs = [a_run(cast.agent, external_id=one) for one in (None, "T-1042", "try:react:9f3c", "rerun:01a1:9f3c")]
    assert [one.ticket for one in runs] == ["", "T-1042", "", ""]
    client = sign_in(cast.owner)
    texts = [client.get(f"/runs/{one.pk}/").content.decode() for one in runs[1:3]]
    assert ["<dt>Ticket</dt>" in text for text in texts] == [True, False]


def test_starting_again_twice_with_one_click_starts_one_run(cast: Cast, sign_in: SignIn) -> None:
    run, client = a_run(cast.agent), sign_in(cast.owner)
    key = client.get(f"/runs/{run.pk}/").context["page"].key
    first = client.post(f"/runs/{run.pk}/again/", {"key": key})
    second = client.post(f"/runs/{run.pk}/again/", {"key": key})
    assert first["Location"] == second["Location"] == f"/runs/{run.reruns.get().pk}/"


def test_a_run_that_is_over_no_longer_asks_for_news(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert "every 10s" in client.get(f"/runs/{a_run(cast.agent, RunState.RUNNING).pk}/").content.decode()
    assert "every 10s" not in client.get(f"/runs/{a_run(cast.agent).pk}/").content.decode()


def test_a_fragment_is_a_piece_of_its_page(cast: Cast, sign_in: SignIn) -> None:
    run, client = a_run(cast.agent, RunState.RUNNING), sign_in(cast.owner)
    for path, start in ((f"/runs/{run.pk}/", '<div id="run"'), ("/runs/", '<div id="rows"')):
        text = client.get(path, headers={"HX-Request": "true"}).content.decode()
        assert text.strip().startswith(start)
        assert "<html" not in text


def test_a_reported_run_says_who_tells_and_offers_no_switch(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.WAITING, source="hook:n8n", flags=["clock_skew"])
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    assert ("hook:n8n" in page, "clock_skew" in page) == (True, True)
    assert f"/runs/{run.pk}/pause" not in page

"""A night is fetched once; who cannot be reached or says nothing is told to people, once, and no longer than true."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from agents.base.errors import NotAllowed
from agents.connectors.actions import sync, syncing, watch_silence
from agents.connectors.actions.answering import answered_lately
from agents.connectors.actions.syncing import _fetch, due, sync_by_id, sync_now
from agents.connectors.enums import ConnectionState, Problem
from agents.connectors.ingest import take_runs
from agents.connectors.models import Connection
from agents.fleet.enums import Lifecycle, Observed, OwnerRole, Vendor
from agents.fleet.models import Agent, AgentStatus, KpiPoint
from agents.people.models import User
from agents.runs.actions import decide, open_reviews, raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import Output, ReviewItem, Run, RunException
from agents.runs.status import look
from tests.cast import Cast, make_agent
from tests.connectors.connected import connect, credential
from tests.rehearsal.fixtures import Rehearsal

pytestmark = pytest.mark.usefixtures("use_rehearsal")
SYNC_FAILED, SILENCE = ExceptionKind.SYNC_FAILED, ExceptionKind.SILENCE


def seen(cast: Cast) -> str:
    return AgentStatus.objects.get(agent=cast.agent).state


def told(kind: ExceptionKind) -> list[RunException]:
    return list(RunException.objects.filter(kind=kind, state=ExceptionState.OPEN))


@pytest.fixture
def connection(cast: Cast, rehearsal: Rehearsal) -> Connection:
    return connect(cast.agent, Vendor.MOMENTUM, rehearsal)


def test_a_sync_brings_the_night_and_its_figures_and_a_second_adds_nothing(connection: Connection) -> None:
    first, second = sync(connection), sync(Connection.objects.get())
    assert first is not None
    assert second is not None
    assert first.created == Run.objects.count() > 4
    assert (second.created, second.updated, second.rejected) == (0, 0, 0)
    assert KpiPoint.objects.get(key="meetings_read").value >= Decimal(4)
    kept = Connection.objects.get()
    assert (kept.state, kept.error, kept.syncing_until) == (ConnectionState.CONNECTED, "", None)
    assert kept.next_sync_at > timezone.now()


def test_who_cannot_be_reached_is_one_exception_until_it_is_reached(
    cast: Cast, connection: Connection, rehearsal: Rehearsal
) -> None:
    rehearsal.script([{"kind": "500", "for": "momentum", "times": 2}])
    for _ in range(2):
        failed = sync(Connection.objects.get())
        assert failed is not None
        assert failed.problem
    [exception] = told(SYNC_FAILED)
    assert exception.cause == Problem.DOWN
    assert ReviewItem.objects.filter(exception=exception).exists()
    look(cast.agent)
    assert seen(cast) == Observed.DISCONNECTED
    sync(Connection.objects.get())
    assert told(SYNC_FAILED) == []
    assert seen(cast) != Observed.DISCONNECTED


def test_a_vendor_that_asks_us_to_slow_down_is_asked_later_and_nobody_is_bothered(
    connection: Connection, rehearsal: Rehearsal
) -> None:
    rehearsal.script([{"kind": "429", "retry_after": 5000, "for": "momentum"}])
    sync(connection)
    assert told(SYNC_FAILED) == []
    kept = Connection.objects.get()
    assert kept.next_sync_at > timezone.now() + dt.timedelta(seconds=4900)
    assert due(timezone.now()) == []


def test_the_pauses_of_a_broken_connection_grow_up_to_four_hours(connection: Connection, rehearsal: Rehearsal) -> None:
    rehearsal.script([{"kind": "500", "for": "momentum", "times": 3}])
    pauses = []
    for away in (0, 2, 30):
        Connection.objects.update(state_since=timezone.now() - dt.timedelta(hours=away))
        sync(Connection.objects.get())
        pauses.append(round((Connection.objects.get().next_sync_at - timezone.now()).total_seconds() / 3600, 2))
    assert pauses == [0.25, 2.0, 4.0]


def test_a_second_wake_up_for_the_same_hour_finds_nothing_to_do(connection: Connection) -> None:
    assert sync_by_id(connection.pk) is not None
    assert sync_by_id(connection.pk) is None


def test_what_was_fetched_is_checked_at_once_and_keeps_its_agent_among_the_quiet(connection: Connection) -> None:
    team = connection.agent.team
    open_reviews(team, timezone.now().date())
    assert sync_by_id(connection.pk)
    said = Output.objects.filter(run__agent=connection.agent)
    assert said.exists()
    assert not said.filter(pass_record__isnull=True).exists()


def test_a_connection_that_another_worker_has_is_left_alone_until_its_lease_ends(connection: Connection) -> None:
    Connection.objects.update(syncing_until=timezone.now() + dt.timedelta(minutes=1))
    assert sync(connection) is None
    assert due(timezone.now()) == []
    Connection.objects.update(syncing_until=timezone.now() - dt.timedelta(seconds=1))
    assert due(timezone.now()) == [connection.pk]
    assert sync(connection) is not None


def test_credentials_that_stop_working_are_said_to_have(connection: Connection) -> None:
    credential(connection, "api_key", "wrong")
    sync(connection)
    [exception] = told(SYNC_FAILED)
    assert exception.cause == Problem.AUTH


def test_a_sync_looks_back_a_week_at_first_and_then_two_hours_beyond_the_last(connection: Connection) -> None:
    now, seen = timezone.now(), list[dt.datetime]()

    def pull(since: dt.datetime) -> list[Any]:
        seen.append(since)
        return []

    found: Any = SimpleNamespace(pull=pull, can=lambda method: False)
    for until in (None, now - dt.timedelta(days=1)):
        connection.synced_until = until
        _fetch(found, connection, now)
    assert seen == [now - dt.timedelta(days=7), now - dt.timedelta(hours=26)]


def test_of_connections_that_are_due_the_one_that_waits_longest_comes_first_and_a_retired_agent_s_never(
    cast: Cast, connection: Connection, rehearsal: Rehearsal
) -> None:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    now = timezone.now()
    rows = [connection, *(connect(make_agent(cast.team, name, *seats), Vendor.MOMENTUM, rehearsal) for name in "ab")]
    for hours, row in zip((1, 3, 2), rows, strict=True):
        Connection.objects.filter(pk=row.pk).update(next_sync_at=now - dt.timedelta(hours=hours))
    Agent.objects.filter(pk=rows[2].agent_id).update(lifecycle=Lifecycle.RETIRED)
    assert due(now) == [rows[1].pk, rows[0].pk]


def test_a_reply_nobody_can_read_fails_its_sync_alone_and_a_reader_may_not_ask_for_one(
    cast: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(connection)
    since = Connection.objects.get().state_since
    sync(Connection.objects.get())
    assert Connection.objects.get().state_since == since, "it was connected all the while"
    monkeypatch.setattr(syncing, "_keep", lambda *_given: int("no number"))
    found = sync(Connection.objects.get())
    assert (found and found.problem, Connection.objects.get().state) != ("", ConnectionState.CONNECTED)
    with pytest.raises(NotAllowed):
        sync_now(connection, actor=cast.auditor)


def nightly(agent: Any, nights: int, last: dt.datetime, *, status: str = "created") -> None:
    """Three runs a night."""
    ends = [last - dt.timedelta(days=night, minutes=part * 20) for night in range(nights) for part in range(3)]
    documents = [
        {"external_id": f"r{place}", "started_at": end.isoformat(), "finished_at": end.isoformat()}
        for place, end in enumerate(ends)
    ]
    assert {taken.status for taken in take_runs(agent, documents, source="api")} == {status}


@pytest.mark.parametrize(("hours", "silent"), [(30, 0), (60, 0), (80, 1)])
def test_an_agent_of_the_night_is_silent_after_three_nights_not_at_noon(cast: Cast, hours: int, silent: int) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=hours))
    assert watch_silence() == silent
    assert watch_silence() == silent
    assert len(told(SILENCE)) == silent
    if silent:
        look(cast.agent)
        assert seen(cast) == Observed.SILENT


def test_who_reports_all_the_time_is_silent_after_an_hour(cast: Cast) -> None:
    now = timezone.now()
    ends = [now - dt.timedelta(days=day, minutes=minute) for day in range(6) for minute in range(0, 1440, 15)]
    told = [{"external_id": str(place), "started_at": end.isoformat()} for place, end in enumerate(ends)]
    take_runs(cast.agent, [{**each, "finished_at": each["started_at"]} for each in told], source="api")
    assert [watch_silence(now + dt.timedelta(minutes=after)) for after in (59, 61)] == [0, 1]


def test_a_weekend_is_no_silence_for_who_works_on_weekdays(cast: Cast) -> None:
    friday = timezone.now().replace(hour=6, minute=0) - dt.timedelta(days=3)
    ends = [friday - dt.timedelta(days=7 * week + day) for week in range(3) for day in range(5)]
    told = [{"external_id": str(place), "started_at": end.isoformat()} for place, end in enumerate(ends)]
    take_runs(cast.agent, [{**each, "finished_at": each["started_at"]} for each in told], source="api")
    assert watch_silence(friday + dt.timedelta(hours=66)) == 0
    assert watch_silence(friday + dt.timedelta(hours=120)) == 1


def test_who_cannot_be_reached_is_not_called_silent_too(
    cast: Cast, connection: Connection, rehearsal: Rehearsal
) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    rehearsal.script([{"kind": "500", "for": "momentum"}])
    sync(connection)
    watch_silence()
    assert told(SILENCE) == []


def test_silence_ends_with_the_next_report(cast: Cast) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    watch_silence()
    take_runs(cast.agent, [{"external_id": "again"}], source="api")
    assert watch_silence() == 0
    assert told(SILENCE) == []
    assert seen(cast) == Observed.IDLE


def test_a_silence_of_more_than_four_weeks_is_still_one(cast: Cast) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    assert watch_silence() == 1
    assert watch_silence(timezone.now() + dt.timedelta(days=40)) == 0
    assert len(told(SILENCE)) == 1


def answer(exception: RunException, actor: User) -> None:
    decide(exception.item, actor=actor, kind="ignore", root_cause="vendor", idempotency_key="seen")


def test_what_somebody_answered_is_asked_again_the_next_morning_not_the_next_minute(
    cast: Cast, connection: Connection, rehearsal: Rehearsal
) -> None:
    rehearsal.script([{"kind": "500", "for": "momentum", "times": 3}])
    sync(Connection.objects.get())
    answer(told(SYNC_FAILED)[0], cast.owner)
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    sync(Connection.objects.get())
    watch_silence()
    assert (told(SYNC_FAILED), told(SILENCE)) == ([], [])
    assert seen(cast) == Observed.DISCONNECTED
    RunException.objects.update(resolved_at=timezone.now() - dt.timedelta(hours=13))
    sync(Connection.objects.get())
    assert len(told(SYNC_FAILED)) == 1


def test_a_silence_that_somebody_answered_stays_seen_and_is_not_asked_again_at_once(cast: Cast) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    watch_silence()
    answer(told(SILENCE)[0], cast.owner)
    watch_silence()
    assert (told(SILENCE), seen(cast)) == ([], Observed.SILENT)
    last = str(RunException.objects.get().evidence["last"])
    about = [(cast.agent, last), (cast.agent, "another"), (cast.rival_agent, last)]
    assert [answered_lately(agent, SILENCE, last=said) for agent, said in about] == [True, False, False]
    RunException.objects.update(resolved_at=timezone.now() - dt.timedelta(hours=13))
    watch_silence()
    assert len(told(SILENCE)) == 1


def test_a_silent_agent_is_seen_silent_until_it_is_heard_also_once_that_was_answered(cast: Cast) -> None:
    last = timezone.now() - dt.timedelta(hours=80)
    nightly(cast.agent, 6, last)
    watch_silence()
    answer(told(SILENCE)[0], cast.owner)
    for _ in range(2):
        look(cast.agent, reached=True)
        assert seen(cast) == Observed.SILENT, "what was fetched brought nothing"
    asked = raise_exception(cast.agent, kind=ExceptionKind.OWNERS, title="Who owns it?")
    assert seen(cast) == Observed.WAITING_ON_HUMAN
    resolve_exception(asked)
    assert seen(cast) == Observed.SILENT
    nightly(cast.agent, 6, last, status="duplicate")
    assert seen(cast) == Observed.SILENT, "what is told twice is nothing new"
    take_runs(cast.agent, [{"external_id": "again"}], source="api")
    assert seen(cast) == Observed.IDLE


def test_who_may_be_quiet_longer_than_it_was_is_silent_no_more_though_nothing_came(
    cast: Cast, connection: Connection
) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    watch_silence()
    answer(told(SILENCE)[0], cast.owner)
    Connection.objects.update(quiet_after_s=14 * 86400)
    assert watch_silence() == 0
    assert seen(cast) == Observed.IDLE


def test_who_failed_last_and_has_been_silent_since_is_silent_whoever_looks(cast: Cast) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    Run.objects.update(state="failed")
    look(cast.agent)
    assert seen(cast) == Observed.FAILED
    watch_silence()
    look(cast.agent, reached=True)
    assert seen(cast) == Observed.SILENT
    take_runs(cast.agent, [{"external_id": "again", "status": "failed"}], source="api")
    watch_silence()
    assert seen(cast) == Observed.FAILED


def test_a_person_who_is_waited_for_outweighs_silence(cast: Cast) -> None:
    nightly(cast.agent, 6, timezone.now() - dt.timedelta(hours=80))
    raise_exception(cast.agent, kind=ExceptionKind.OWNERS, title="Who owns it?")
    watch_silence()
    assert seen(cast) == Observed.WAITING_ON_HUMAN


def test_people_may_say_how_long_an_agent_may_be_quiet(cast: Cast, connection: Connection) -> None:
    nightly(cast.agent, 2, timezone.now() - dt.timedelta(hours=2))
    assert watch_silence() == 0
    Connection.objects.update(quiet_after_s=3600)
    assert watch_silence() == 1

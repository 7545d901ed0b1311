"""The demo is a team of its own, built by ordinary actions, and leaves without a trace but the trail."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Budget, Output, Run, RunException
from console.demo import build, stages
from console.demo.cast import AGENTS, PEOPLE
from tests.cast import Cast, settle
from tests.rehearsal.fixtures import Rehearsal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _model(rehearsal: Rehearsal, use_rehearsal: None) -> None:
    """The stand-in model answers."""


def test_night_has_a_login_per_role_and_its_tickets_queued() -> None:
    logins = build.build()
    settle()
    assert set(logins) == {person.key for person in PEOPLE}
    assert Run.objects.filter(state=RunState.QUEUED).count() == len(build.tickets())
    assert Team.objects.get(slug=build.SLUG).name.endswith("(demo)")


def test_with_a_real_model_nothing_is_called_before_people_say_which(settings: Settings) -> None:
    settings.MODEL_IS_REHEARSAL = False
    build.build()
    settle()
    assert Agent.objects.filter(team__slug=build.SLUG).count() == len(AGENTS)
    assert not Run.objects.exists()


def test_morning_has_replies_with_sources_and_people_waited_for() -> None:
    build.build()
    stages.run_night()
    settle()
    states = set(Run.objects.values_list("state", flat=True))
    assert states == {RunState.DONE, RunState.WAITING}
    assert Output.objects.exclude(pass_record=None).count() == Run.objects.filter(state=RunState.DONE).count()
    assert all("[p" in output.content for output in Output.objects.all())
    assert RunException.objects.filter(state="open").count() == Run.objects.filter(state=RunState.WAITING).count() > 0


def test_decided_leaves_nothing_waiting() -> None:
    build.build()
    stages.run_night()
    assert stages.decide_all() == 0
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.DONE}


def test_the_demo_is_dropped_whole_and_nothing_else_is(cast: Cast) -> None:
    build.build()
    stages.run_night()
    settle()
    build.drop()
    settle()
    assert not Team.objects.filter(is_demo=True).exists()
    assert not User.objects.filter(email__endswith="@demo.example").exists()
    assert Agent.objects.filter(team=cast.team).exists()


@pytest.mark.django_db(transaction=True)
def test_the_demo_is_dropped_while_its_runs_are_carried_out() -> None:
    build.build()
    runs = list(Run.objects.values_list("pk", flat=True))
    under_way, ill = threading.Event(), []

    def worker() -> None:
        try:
            for pk in runs:
                drive(pk)
                under_way.set()
        except Exception as error:
            ill.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    assert under_way.wait(60)
    build.drop()
    thread.join()
    assert ill == []
    assert not Run.objects.exists()
    assert not Budget.objects.exists()
    assert not Team.objects.filter(is_demo=True).exists()


def test_the_command_builds_a_second_time_over_the_first() -> None:
    call_command("seed_demo", "--stage", "night", verbosity=0)
    call_command("seed_demo", "--stage", "night", verbosity=0)
    assert Team.objects.filter(is_demo=True).count() == 1

"""Two people at the same instant: the rule holds, one of them is refused, and nobody waits for each other for ever."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction

from agents.base.errors import Refused
from agents.fleet.actions import deactivate_user, reactivate_user, remove_owner, seat_owner, set_owners
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.invariants import INVARIANTS
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.quorum import short_of_owners
from agents.people.actions import change_role
from agents.people.enums import TeamRole
from agents.people.models import Membership, User
from tests.cast import Cast, make_agent, make_cast, make_user, settle
from tests.fleet.trail import present_seats, replayed_seats

PRIMARY, SECOND, BACKUP, TRAINEE = OwnerRole
Act = Callable[[], object]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> Cast:
    return make_cast()


def race(*acts: Act) -> list[str]:
    """Do all of them at once, each on its own connection; "done", or the refusal's code, or what went wrong."""
    results = [""] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(place: int, act: Act) -> None:
        try:
            gate.wait(60)
            act()
            results[place] = "done"
        except Refused as refused:
            results[place] = refused.code
        except Exception as error:
            results[place] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def problems() -> list[str]:
    return [problem for _name, check in INVARIANTS for problem in check()]


def test_of_two_removals_of_three_owners_one_is_refused(people: Cast) -> None:
    owners = (people.owner, PRIMARY), (people.second, SECOND), (people.backup, BACKUP)
    for number in range(20):
        agent = make_agent(people.team, f"a-{number}", *owners)
        remove = partial(remove_owner, agent, actor=people.chief)
        results = race(partial(remove, people.second), partial(remove, people.backup))
        assert sorted(results) == ["done", "two_owners"]
    assert problems() == []


def test_somebody_swapped_in_while_sign_in_is_revoked_never_leaves_one_owner(people: Cast) -> None:
    swap = [(people.owner, PRIMARY), (people.manager, SECOND)]
    for number in range(10):
        agent = make_agent(people.team, f"a-{number}", (people.owner, PRIMARY), (people.second, SECOND))
        results = race(
            partial(set_owners, [agent], swap, actor=people.chief),
            partial(deactivate_user, people.manager, actor=people.administrator),
        )
        assert results in (["done", "done"], ["owners", "done"])
        assert problems() == []
        reactivate_user(people.manager, actor=people.administrator)


def test_both_owners_leaving_at_once_leave_a_sound_agent(people: Cast) -> None:
    agent = make_agent(people.team, "small", (people.owner, PRIMARY), (people.second, SECOND))
    for _round in range(10):
        results = race(
            partial(deactivate_user, people.owner, actor=people.chief),
            partial(deactivate_user, people.second, actor=people.administrator),
        )
        assert results == ["done", "done"]
        assert problems() == []
        assert Agent.objects.get(pk=agent.pk).lifecycle == Lifecycle.PAUSED
        for user in (people.owner, people.second):
            reactivate_user(user, actor=people.administrator)
        Agent.objects.filter(pk=agent.pk).update(lifecycle=Lifecycle.LIVE)


def swap_rows(agent: Agent, old: User, new: User) -> None:
    with transaction.atomic():
        AgentOwner.objects.create(agent=agent, user=new, role=SECOND)
        AgentOwner.objects.filter(agent=agent, user=old).delete()


def swap_person(agent: Agent, old: User, new: User) -> None:
    AgentOwner.objects.filter(agent=agent, user=old).update(user=new)


def promote(agent: Agent, old: User, new: User) -> None:
    AgentOwner.objects.create(agent=agent, user=new, role=TRAINEE)
    with transaction.atomic():
        AgentOwner.objects.filter(agent=agent, user=new).update(role=SECOND)
        AgentOwner.objects.filter(agent=agent, user=old).delete()


@pytest.mark.parametrize("swap", [swap_rows, swap_person, promote])
def test_raw_rows_that_swap_somebody_in_meet_a_raw_deactivation(
    people: Cast, swap: Callable[[Agent, User, User], None]
) -> None:
    """Nothing but the triggers: no lock of ours, no action."""
    for number in range(8):
        agent = make_agent(people.team, f"a-{number}", (people.owner, PRIMARY), (people.second, SECOND))
        newcomer = make_user(people.team, f"New-{number}", TeamRole.MANAGER)
        swap_in = partial(after, 0.01 * (number % 2), partial(swap, agent, people.second, newcomer))
        results = race(swap_in, partial(switch_off, newcomer))
        assert [result[:14] for result in results].count("IntegrityError") == 1
        assert short_of_owners(Agent.objects.all()) == []


def test_of_two_raw_removals_of_three_owners_one_is_refused(people: Cast) -> None:
    for number in range(8):
        owners = (people.owner, PRIMARY), (people.second, SECOND), (people.backup, BACKUP)
        seats = AgentOwner.objects.filter(agent=make_agent(people.team, f"a-{number}", *owners))
        results = race(seats.filter(role=SECOND).delete, seats.filter(role=BACKUP).delete)
        assert sorted(result[:14] for result in results) == ["IntegrityError", "done"]


def after(seconds: float, act: Act) -> None:
    time.sleep(seconds)
    act()


def switch_off(user: User) -> None:
    """Checked, and for a moment not yet committed: the window that only the pin closes."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        settle()
        time.sleep(0.02)


def test_two_administrators_who_revoke_each_other_do_not_both_succeed(people: Cast) -> None:
    other = Membership.objects.get(user=people.manager)
    change_role(other, role=TeamRole.ADMINISTRATOR, actor=people.administrator)
    results = race(
        partial(deactivate_user, people.administrator, actor=people.manager),
        partial(deactivate_user, people.manager, actor=people.administrator),
    )
    assert sorted(results) == ["done", "people_role"]


def test_a_storm_of_changes_neither_deadlocks_nor_breaks_a_rule(people: Cast) -> None:
    everybody = [people.owner, people.second, people.backup, people.manager, people.trainee, people.chief]
    agents = [make_agent(people.team, f"a-{n}", *zip(everybody[:3], OwnerRole, strict=False)) for n in range(4)]
    before = present_seats()
    codes: list[str] = []
    storms = [partial(storm, seed, people.administrator, everybody, agents, codes) for seed in range(4)]
    assert race(*storms) == ["done"] * 4
    assert set(codes) <= {"two_owners", "owners", "no_seat"}
    assert problems() == []
    assert replayed_seats(seats=before) == present_seats()


def storm(seed: int, actor: User, everybody: list[User], agents: list[Agent], codes: list[str]) -> None:
    dice = random.Random(seed)
    for _turn in range(12):
        user, agent, role = dice.choice(everybody), dice.choice(agents), dice.choice(list(OwnerRole))
        acts: list[Act] = [
            partial(seat_owner, agent, user, role, actor=actor),
            partial(remove_owner, agent, user, actor=actor),
            partial(deactivate_user, user, actor=actor),
            partial(reactivate_user, user, actor=actor),
        ]
        try:
            dice.choice(acts)()
        except Refused as refused:
            codes.append(refused.code)

"""Taking agents in from a file: all of them or none, and the same file again changes nothing."""

from decimal import Decimal

import pytest

from agents.base.errors import Invalid, NotAllowed
from agents.fleet import verbs
from agents.fleet.actions import import_agents
from agents.fleet.csv import AgentRow, parse_agents
from agents.fleet.enums import Lifecycle
from agents.fleet.invariants import grants
from agents.fleet.models import Agent, KpiTarget
from agents.fleet.queries import import_problems
from agents.people.models import User
from tests.cast import Cast
from tests.fleet.trail import events, owners_of

HEADER = "name,vendor,url,owners,kpi,running_since\n"


def rows(*lines: str) -> list[AgentRow]:
    read, problems = parse_agents(HEADER + "\n".join(lines))
    assert problems == []
    return read


AVA = "Ava,Artisan,https://artisan.example,amelia@northwind.example;DEV@northwind.example,meetings>=6,2026-01-15"
BOT = "Chat bot,No interface,,nora@northwind.example,,2026-01-15"
LOST = "Lost,Artisan,,nobody@northwind.example;rita@contoso.example,,2026-01-15"


def test_a_file_becomes_agents_in_onboarding_with_owners_and_targets(cast: Cast) -> None:
    taken = import_agents(cast.team, rows(AVA, BOT), actor=cast.administrator)
    ava, bot = taken.created
    assert (ava.lifecycle, ava.vendor_url, str(ava.running_since)) == (
        Lifecycle.ONBOARDING,
        "https://artisan.example",
        "2026-01-15",
    )
    assert owners_of(ava) == {"Amelia": ("primary", False), "Dev": ("second", False)}
    assert owners_of(bot) == {"Nora": ("primary", False)}
    assert [(goal.key, goal.target) for goal in KpiTarget.objects.filter(agent=ava)] == [("meetings", Decimal(6))]
    assert len(events(verbs.AGENT_CREATED)) == 2
    assert grants() == []


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    import_agents(cast.team, rows(AVA), actor=cast.administrator)
    again = import_agents(cast.team, rows(AVA, BOT), actor=cast.administrator)
    assert ([agent.slug for agent in again.created], again.unchanged) == (["chat-bot"], ["ava"])
    assert len(events(verbs.AGENT_CREATED)) == 2


def test_one_wrong_row_keeps_all_out_and_is_named(cast: Cast) -> None:
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    with pytest.raises(Invalid) as refused:
        import_agents(cast.team, rows(AVA, BOT, LOST), actor=cast.administrator)
    assert refused.value.code == "import"
    assert refused.value.fields == {
        "row 3": ["owners: nora@northwind.example is not an active member of the team."],
        "row 4": [
            "owners: nobody@northwind.example is not an active member of the team.",
            "owners: rita@contoso.example is not an active member of the team.",
        ],
    }
    assert Agent.objects.filter(team=cast.team).count() == 1


def test_the_preview_names_the_same_problems(cast: Cast) -> None:
    assert [(problem.row, problem.column) for problem in import_problems(cast.team, rows(AVA, LOST))] == [
        (3, "owners"),
        (3, "owners"),
    ]


def test_onboarding_limits_hold_for_files_and_keep_all_out(cast: Cast) -> None:
    new = rows(*(f"New {n},Artisan,,amelia@northwind.example,," for n in range(3)))
    with pytest.raises(Invalid) as refused:
        import_agents(cast.team, new, actor=cast.administrator)
    assert list(refused.value.fields) == ["row 3"]
    assert Agent.objects.filter(team=cast.team).count() == 1
    taken = import_agents(cast.team, new, actor=cast.chief, override_reason="One contract, three agents.")
    assert len(taken.created) == 3


@pytest.mark.parametrize("person", ["auditor", "human_agent", "rival"])
def test_who_does_not_add_agents_takes_none_in(cast: Cast, person: str) -> None:
    with pytest.raises(NotAllowed):
        import_agents(cast.team, rows(AVA), actor=getattr(cast, person))

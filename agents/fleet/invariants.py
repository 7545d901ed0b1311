"""What must hold at any moment, whoever wrote the rows (guarantees.md §1, I9); for `check_invariants`."""

from collections.abc import Callable

from agents.fleet.models import Agent
from agents.fleet.permissions import held_grants, wanted_grants
from agents.fleet.quorum import short_of_owners


def two_owners() -> list[str]:
    """I9: every live agent has two active owners that count."""
    return [f"{slug} is live with fewer than two active owners" for slug in short_of_owners(Agent.objects.all())]


def grants() -> list[str]:
    """What guardian holds is what owners and memberships give: nothing more, nothing less."""
    agents = Agent.objects.all()
    held, wanted = held_grants(agents).keys(), wanted_grants(agents)
    surplus = [f"{user} may {verb} {agent} and should not" for user, agent, verb in sorted(held - wanted)]
    return surplus + [f"{user} may not {verb} {agent} and should" for user, agent, verb in sorted(wanted - held)]


INVARIANTS: list[tuple[str, Callable[[], list[str]]]] = [
    ("I9 live agents have two active owners", two_owners),
    ("grants equal owners and memberships", grants),
]

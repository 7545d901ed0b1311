"""What must hold at any moment, whoever wrote the rows (guarantees.md §1, I9); for `check_invariants`."""

from collections.abc import Callable

from django.db.models import Count, Q

from agents.fleet.enums import QUORUM_ROLES, Lifecycle
from agents.fleet.models import Agent
from agents.fleet.permissions import held_grants, wanted_grants


def two_owners() -> list[str]:
    """I9: every live agent has two active owners that count."""
    counting = Q(owners__user__is_active=True, owners__role__in=QUORUM_ROLES)
    live = Agent.objects.filter(lifecycle=Lifecycle.LIVE)
    short = live.annotate(n=Count("owners__user", filter=counting, distinct=True)).filter(n__lt=2).order_by("slug")
    return [f"{agent.slug} is live with {agent.n} active owner(s)" for agent in short]


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

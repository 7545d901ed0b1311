"""How much of a campaign an agent takes, and which of its facts."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.hooks import notify
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.clean import clean
from agents.people.models import User
from audit.actions import record
from campaigns import verbs
from campaigns.enums import Topic
from campaigns.models import ContextAllowance

LEAST = 100


@transaction.atomic
def set_allowance(
    agent: Agent, *, actor: User, budget: int, topics: Iterable[str] = (), shape: str = "", tone: str = ""
) -> ContextAllowance:
    """From the next broadcast on, `budget` characters and only these topics (none: all), in this shape (none: the
    usual one of its vendor) and tone.

    Raises `NotAllowed`, `Invalid`.
    """
    require(actor, agent, Verb.CONFIGURE)
    allowance = ContextAllowance.objects.select_for_update(no_key=True).filter(agent=agent).first()
    allowance = allowance or ContextAllowance(agent=agent)
    allowance.budget, allowance.topics = budget, [topic for topic in Topic if topic in set(topics)]
    allowance.shape, allowance.tone = shape, tone.strip()
    if budget < LEAST:
        problem = _("Less than %(least)s characters hold no campaign.") % {"least": LEAST}
        raise Invalid(problem, fields={"budget": [problem]})
    clean(allowance, "budget", "topics", "shape", "tone")
    allowance.save()
    told: dict[str, Any] = {"obj": agent, "agent_id": agent.pk, "budget": budget, "topics": allowance.topics}
    told |= {"shape": shape, "tone": allowance.tone}
    record(verbs.ALLOWANCE_SET, actor=actor.actor, team_id=agent.team_id, **told)
    notify("fleet")
    return allowance

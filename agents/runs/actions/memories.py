"""What people do with an agent's memory: put it right, have it forgotten."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.models import User
from agents.runs import verbs
from agents.runs.models import Memory
from agents.runs.services.memories import LONGEST, whom
from audit.actions import record


@transaction.atomic
def correct_memory(memory: Memory, *, text: str, actor: User) -> Memory:
    """The agent remembers this instead. Raises NotAllowed; Invalid for nothing, or more than 1,000 characters."""
    agent = _held(memory.agent, actor)
    said = str(storable(text)).strip()
    if not said or len(said) > LONGEST:
        problem = _("Give a text of at most %(most)s characters.") % {"most": LONGEST}
        raise Invalid(problem, fields={"text": [problem]})
    memory.text, memory.corrected_by = said, actor
    memory.save(update_fields=["text", "corrected_by"])
    record(verbs.MEMORY_CORRECTED, actor=actor.actor, team_id=agent.team_id, obj=memory, agent_id=agent.pk)
    return memory


@transaction.atomic
def forget(memory: Memory, *, actor: User) -> None:
    """The agent no longer remembers it; already forgotten is fine. Raises NotAllowed."""
    agent = _held(memory.agent, actor)
    Memory.objects.filter(pk=memory.pk).delete()
    record(verbs.MEMORY_FORGOTTEN, actor=actor.actor, team_id=agent.team_id, obj=memory, agent_id=agent.pk)


@transaction.atomic
def forget_contact(agent: Agent, *, address: str, actor: User) -> int:
    """Everything the agent remembers of whoever has this e-mail address or telephone number; how much that was.

    Neither the trail nor anything else keeps the address. Raises NotAllowed, Invalid for what is no address.
    """
    agent = _held(agent, actor)
    about = whom(agent.team_id, {"email": address}) or whom(agent.team_id, {"phone": address})
    if not about:
        problem = _("Give an e-mail address or a telephone number.")
        raise Invalid(problem, fields={"address": [problem]})
    forgotten, _kinds = Memory.objects.filter(agent=agent, about=about).delete()
    who, n = about[:12], forgotten
    record(
        verbs.CONTACT_FORGOTTEN, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, about=who, n=n
    )
    return forgotten


def forget_old() -> int:
    """Deletes what has been kept as long as the policy said; how much."""
    return Memory.objects.filter(until__lt=timezone.now()).delete()[0]


def _held(agent: Agent, actor: User) -> Agent:
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    return locked

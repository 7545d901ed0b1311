"""What people do with an agent's memory: put it right, have it forgotten."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, PolicyVersion
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.clean import clean
from agents.people.models import User
from agents.runs import verbs
from agents.runs.enums import Remembered
from agents.runs.models import Memory
from agents.runs.services.memories import LONGEST, REMEMBERED_DAYS, whom
from audit.actions import record


@transaction.atomic
def correct_memory(memory: Memory, *, text: str, actor: User) -> Memory:
    """The agent remembers this instead. Raises NotAllowed; Invalid for nothing, or more than 1,000 characters."""
    agent = _held(memory.agent, actor)
    memory.text, memory.corrected_by = _worded(text), actor
    memory.save(update_fields=["text", "corrected_by"])
    record(verbs.MEMORY_CORRECTED, actor=actor.actor, team_id=agent.team_id, obj=memory, agent_id=agent.pk)
    return memory


@transaction.atomic
def tell_memory(agent: Agent, *, address: str, kind: Remembered, text: str, actor: User) -> Memory:
    """The agent knows this of whoever has the address, as long as the policy keeps memories.

    The address is kept nowhere. Raises NotAllowed; Invalid for what is no address, a bad text, or a policy that keeps
    no memories.
    """
    agent = _held(agent, actor)
    about, said = _about(agent, address), _worded(text)
    policy = PolicyVersion.objects.filter(team=agent.team_id).order_by("-number").first()
    days = int((policy.rules if policy else {}).get(REMEMBERED_DAYS, 0))
    if not days:
        raise Invalid(_("The policy says that nothing is remembered of customers."), "nothing_remembered")
    until = timezone.now() + dt.timedelta(days=days)
    memory = Memory(agent=agent, about=about, kind=kind, text=said, corrected_by=actor, until=until)
    clean(memory, "kind")
    memory.save(force_insert=True)
    record(verbs.MEMORY_TOLD, actor=actor.actor, team_id=agent.team_id, obj=memory, agent_id=agent.pk, kind=kind)
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
    about = _about(agent, address)
    forgotten, _kinds = Memory.objects.filter(agent=agent, about=about).delete()
    who, n = about[:12], forgotten
    record(
        verbs.CONTACT_FORGOTTEN, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, about=who, n=n
    )
    return forgotten


def forget_old() -> int:
    """Deletes what has been kept as long as the policy said; how much."""
    return Memory.objects.filter(until__lt=timezone.now()).delete()[0]


def _worded(text: str) -> str:
    said = str(storable(text)).strip()
    if not said or len(said) > LONGEST:
        problem = _("Give a text of at most %(most)s characters.") % {"most": LONGEST}
        raise Invalid(problem, fields={"text": [problem]})
    return said


def _about(agent: Agent, address: str) -> str:
    """The keyed hash of an address."""
    about = whom(agent.team_id, {"email": address}) or whom(agent.team_id, {"phone": address})
    if not about:
        problem = _("Give an e-mail address or a telephone number.")
        raise Invalid(problem, fields={"address": [problem]})
    return about


def _held(agent: Agent, actor: User) -> Agent:
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    return locked

"""What people tell an agent, version by version."""

from typing import NoReturn

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.hooks import notify
from agents.fleet import hooks, verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Instruction
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.models import User
from audit.actions import record

MOST = 2_000
MOST_TOGETHER = 8_000
"""Characters; beyond this an instruction crowds out what the agent is to work on."""


@transaction.atomic
def give_feedback(agent: Agent, text: str, *, actor: User, instead: bool = False) -> Instruction:
    """What the agent is told from now on: `text` after everything in force, or `instead` of it. A new version.

    Our own agents get it with their next run, others through their adapter where it can. Raises NotAllowed, or Invalid
    for a text that is empty or too long.
    """
    require(actor, agent, Verb.INSTRUCT)
    [locked] = lock_agents([agent])
    last = Instruction.objects.filter(agent=locked).order_by("-number").first()
    said = _checked(text)
    together = said if instead or last is None else f"{last.text}\n{said}"
    if len(together) > MOST_TOGETHER:
        _refuse(_("All of it together is too long. Write what holds instead of what was said before."))
    number = last.number + 1 if last else 1
    given = Instruction.objects.create(agent=locked, number=number, feedback=said, text=together, created_by=actor)
    record(
        verbs.INSTRUCTION_GIVEN,
        actor=actor.actor,
        team_id=locked.team_id,
        obj=locked,
        agent_id=locked.pk,
        number=number,
        feedback=said,
        instead=instead,
    )
    for tell in hooks.instruction_given:
        tell(given)
    notify("fleet")
    return given


def _checked(text: str) -> str:
    said = text.strip()
    if not said or len(said) > MOST or "\x00" in said:
        _refuse(_("Write between 1 and %(most)s characters.") % {"most": MOST})
    return said


def _refuse(problem: str) -> NoReturn:
    raise Invalid(problem, fields={"text": [problem]})

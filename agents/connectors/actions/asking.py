"""A question to an agent in its 1:1: kept before it leaves, with whatever comes back."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Refused
from agents.base.hooks import notify
from agents.connectors import verbs
from agents.connectors.registry import adapter
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Question
from agents.fleet.permissions import require
from agents.people.models import User
from audit.actions import record

LONGEST_REPLY = 20_000


def ask_agent(agent: Agent, text: str, *, actor: User, key: UUID) -> Question:
    """Asks, and keeps what the agent said, or why it did not; the same key again: the first question.

    Raises NotAllowed. What its system refuses is a problem of the question, not an error.
    """
    require(actor, agent, Verb.INSTRUCT)
    asked, new = _keep(agent, text, actor, key)
    if not new:
        return asked
    try:
        reply = adapter(agent).ask(asked.text, key=str(key))
    except Refused as refused:
        asked.problem = refused.message[:300]
    else:
        asked.reply = storable(reply.text)[:LONGEST_REPLY] if reply else ""
        asked.is_rehearsal = bool(reply and reply.rehearsal)
    asked.answered_at = timezone.now()
    asked.save(update_fields=["reply", "problem", "is_rehearsal", "answered_at"])
    notify("fleet")
    return asked


@transaction.atomic
def _keep(agent: Agent, text: str, actor: User, key: UUID) -> tuple[Question, bool]:
    """Raises Conflict for a key that was another agent's."""
    asked, new = Question.objects.get_or_create(
        key=key, defaults={"agent": agent, "user": actor, "text": storable(text)}
    )
    if asked.agent_id != agent.pk:
        raise Conflict(_("This key was used for another agent."), "key")
    if new:
        record(verbs.QUESTION_ASKED, actor=actor.actor, team_id=agent.team_id, obj=asked, agent_id=agent.pk)
    return asked, new

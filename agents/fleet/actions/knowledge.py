"""What an agent may look up."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet import verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, KnowledgePassage
from agents.fleet.passages import passages
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.clean import clean
from agents.people.models import User
from audit.actions import record

MOST = 1_000_000


@transaction.atomic
def add_knowledge(agent: Agent, *, source: str, text: str, actor: User) -> int:
    """The agent may look this document up, in place of an earlier one of the same `source`. Returns its passages.

    Raises `NotAllowed`; `Invalid` for a text that is empty, longer than a million characters, or not text.
    """
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    if not text.strip() or len(text) > MOST or "\x00" in text:
        problem = _("Give a text of at most %(most)s characters.") % {"most": MOST}
        raise Invalid(problem, fields={"text": [problem]})
    clean(KnowledgePassage(agent=locked, source=source), "source")
    KnowledgePassage.objects.filter(agent=locked, source=source).delete()
    rows = [
        KnowledgePassage(agent=locked, source=source, ordinal=number, title=passage.title, text=passage.text)
        for number, passage in enumerate(passages(text), start=1)
    ]
    KnowledgePassage.objects.bulk_create(rows)
    _record(verbs.KNOWLEDGE_ADDED, locked, actor, source=source, passages=len(rows))
    return len(rows)


@transaction.atomic
def remove_knowledge(agent: Agent, *, source: str, actor: User) -> None:
    """The agent no longer finds this document. Raises `NotAllowed`, `Invalid` when it has none of that name."""
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    removed, _kinds = KnowledgePassage.objects.filter(agent=locked, source=source).delete()
    if not removed:
        raise Invalid(_("There is no document of this name."), "no_document")
    _record(verbs.KNOWLEDGE_REMOVED, locked, actor, source=source)


def _record(verb: str, agent: Agent, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **data)

"""What an agent may look up."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet import verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, KnowledgeGrant, KnowledgePassage
from agents.fleet.passages import passages
from agents.fleet.permissions import agents_for, require
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
    added = {"added_by": actor, "added_at": timezone.now()}
    rows = [
        KnowledgePassage(agent=locked, source=source, ordinal=number, title=one.title, text=one.text, **added)
        for number, one in enumerate(passages(text), start=1)
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


@transaction.atomic
def grant_knowledge(agent: Agent, *, lender: Agent, why: str, actor: User, memories: bool = False) -> KnowledgeGrant:
    """The agent may look up what `lender` knows; with `memories`, also what it remembers of customers. Again: anew.

    Whoever grants configures both. Raises `NotAllowed`; `Invalid` (`lender`) for itself or an agent of another team.
    """
    for one in (agent, lender):
        require(actor, one, Verb.CONFIGURE)
    lock_agents([agent, lender])
    if agent.pk == lender.pk or agent.team_id != lender.team_id:
        problem = _("Choose another agent of the team.")
        raise Invalid(problem, "lender", {"lender": [problem]})
    given = {"memories": memories, "why": why.strip(), "granted_by": actor, "granted_at": timezone.now()}
    clean(KnowledgeGrant(agent=agent, lender=lender, **given), "why")
    grant, _made = KnowledgeGrant.objects.update_or_create(agent=agent, lender=lender, defaults=given)
    _record(verbs.KNOWLEDGE_GRANTED, agent, actor, lender=lender.slug, memories=memories, why=grant.why)
    return grant


@transaction.atomic
def withdraw_knowledge(agent: Agent, *, lender: Agent, actor: User) -> None:
    """The agent finds what `lender` knows no longer: whoever configures either of them may say so.

    Raises `NotAllowed`, `Invalid` (`no_grant`).
    """
    if not agents_for(actor, Verb.CONFIGURE).filter(pk=lender.pk).exists():
        require(actor, agent, Verb.CONFIGURE)
    lock_agents([agent])
    removed, _kinds = KnowledgeGrant.objects.filter(agent=agent, lender=lender).delete()
    if not removed:
        raise Invalid(_("It was not granted."), "no_grant")
    _record(verbs.KNOWLEDGE_WITHDRAWN, agent, actor, lender=lender.slug)


def _record(verb: str, agent: Agent, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **data)

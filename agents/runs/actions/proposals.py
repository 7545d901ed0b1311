"""Resolved cases become knowledge, once a person has read what they would teach (R-197)."""

import datetime as dt
import hashlib
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict, Invalid
from agents.base.personal import masking, told
from agents.engine.words import words
from agents.fleet.actions import add_knowledge
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.fleet.queries.knowledge import document_text
from agents.fleet.quorum import lock_agents
from agents.people.clean import clean
from agents.people.models import User
from agents.runs import verbs
from agents.runs.enums import ProposalState, RunState
from agents.runs.models import KnowledgeProposal, Output
from audit.actions import record

SOURCE = "resolved-cases"
"""The agent's document that taken proposals go into, each under its question."""
WITHIN = dt.timedelta(days=7)
"""How far back a night looks; what it has found before it leaves as it is."""
THEIRS = ("edit", "send", "respond")
"""Decisions whose text is a person's own: an approved draft taught nobody anything."""


def propose_knowledge() -> int:
    """Every question that a person answered lately in their own words is proposed; how many are new."""
    answered = Output.objects.filter(
        kind="reply",
        pass_record__released_by="person",
        pass_record__decision__in=THEIRS,
        run__state=RunState.DONE,
        run__source="",
        run__flaw=None,
        run__state_since__gt=timezone.now() - WITHIN,
        run__proposals=None,
    )
    return sum(_propose(output) for output in answered.select_related("run__agent").order_by("created_at", "pk"))


@transaction.atomic
def _propose(output: Output) -> bool:
    asked = " ".join(str(output.run.input.get("text", "")).split())
    said = words(asked)
    if not said or not output.content.strip():
        return False
    fingerprint = hashlib.sha256(" ".join(said).encode()).hexdigest()
    agent = output.run.agent
    with masking(_nobody):
        texts = {"title": told(asked)[:200], "text": told(output.content.strip())[:5000]}
    found, made = KnowledgeProposal.objects.select_for_update().get_or_create(
        agent=agent, fingerprint=fingerprint, defaults={"run": output.run, **texts}
    )
    if not made and found.run and found.run.outputs.filter(created_at__gte=output.created_at).exists():
        return False  # counted another night
    if made:
        record(verbs.KNOWLEDGE_PROPOSED, actor=SYSTEM, team_id=agent.team_id, obj=found, agent_id=agent.pk)
    else:
        found.run, found.cases = output.run, found.cases + 1
        found.save(update_fields=["run", "cases"])
    return made


def _nobody() -> Collection[str]:
    return ()


@transaction.atomic
def take_proposal(proposal: KnowledgeProposal, *, title: str, text: str, actor: User) -> KnowledgeProposal:
    """The agent knows this from now on, as worded here. Raises NotAllowed, Conflict once it is decided, Invalid."""
    held = _held(proposal, actor)
    held.title, held.text = " ".join(title.split()), text.strip()
    clean(held, "title", "text")
    known = document_text(held.agent, SOURCE)
    heading = held.title.lstrip("# ")
    add_knowledge(held.agent, source=SOURCE, text=f"{known}\n\n# {heading}\n\n{held.text}".strip(), actor=actor)
    return _decide(held, ProposalState.TAKEN, verbs.PROPOSAL_TAKEN, actor)


@transaction.atomic
def refuse_proposal(proposal: KnowledgeProposal, *, reason: str, actor: User) -> KnowledgeProposal:
    """It teaches nothing; the same question is not proposed again. Raises NotAllowed, Conflict, Invalid."""
    held = _held(proposal, actor)
    held.reason = " ".join(reason.split())
    if not held.reason:
        raise Invalid(_("Say why."), "reason_missing", {"reason": [_("Say why.")]})
    clean(held, "reason")
    return _decide(held, ProposalState.REFUSED, verbs.PROPOSAL_REFUSED, actor)


def _held(proposal: KnowledgeProposal, actor: User) -> KnowledgeProposal:
    require(actor, proposal.agent, Verb.CONFIGURE)
    lock_agents([proposal.agent])
    held = KnowledgeProposal.objects.select_for_update(of=["self"]).select_related("agent").get(pk=proposal.pk)
    if held.state != ProposalState.OPEN:
        raise Conflict(_("Somebody has decided this already."), "already_decided")
    return held


def _decide(held: KnowledgeProposal, state: ProposalState, verb: str, actor: User) -> KnowledgeProposal:
    held.state, held.decided_by, held.decided_at = state, actor, timezone.now()
    held.save(update_fields=["title", "text", "reason", "state", "decided_by", "decided_at"])
    agent: Agent = held.agent
    record(verb, actor=actor.actor, team_id=agent.team_id, obj=held, agent_id=agent.pk, reason=held.reason)
    return held

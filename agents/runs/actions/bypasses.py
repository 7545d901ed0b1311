"""Letting an agent go without its approvals for a few hours: on somebody's word, with a reason, ending by itself."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, Refused
from agents.base.hooks import notify
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.models import User
from agents.runs import verbs, wording
from agents.runs.actions.decisions import decide
from agents.runs.answers import proposes
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState
from agents.runs.models import BYPASS_LASTS, Bypass, RunException
from agents.runs.queries.bypasses import BY_BYPASS, in_force
from audit.actions import record

log = logging.getLogger(__name__)


@transaction.atomic
def open_bypass(agent: Agent, *, until: datetime, reason: str, actor: User) -> Bypass:
    """Approvals of the agent count as given until then; above the policy's amount a second person is still asked.

    Raises NotAllowed (it takes the rights to configure and to review the agent), Invalid with `fields`, Conflict.
    """
    for verb in (Verb.CONFIGURE, Verb.REVIEW):
        require(actor, agent, verb)
    lock_agents([agent])
    now = timezone.now()
    if not now + timedelta(minutes=1) <= until <= now + BYPASS_LASTS:
        said = _("It ends within %(hours)d hours.") % {"hours": BYPASS_LASTS.total_seconds() // 3600}
        raise Invalid(said, "until", fields={"until": [said]})
    if not reason.strip():
        said = _("Say why: everybody who finds it will want to know.")
        raise Invalid(said, "reason", fields={"reason": [said]})
    if in_force(agent.pk) is not None:
        raise Conflict(_("A bypass of this agent is in force already."), "in_force")
    said = reason.strip()[:300]
    bypass = Bypass.objects.create(agent=agent, until=until, reason=said, opened_by=actor, opened_at=now)
    _note(verbs.BYPASS_OPENED, bypass, actor, until=until, reason=bypass.reason)
    return bypass


@transaction.atomic
def end_bypass(bypass: Bypass, *, actor: User) -> Bypass:
    """Ends it now, by anybody who may review the agent; ended already, nothing happens. Raises NotAllowed."""
    require(actor, bypass.agent, Verb.REVIEW)
    bypass = Bypass.objects.select_related("agent").select_for_update(no_key=True, of=("self",)).get(pk=bypass.pk)
    if bypass.in_force:
        bypass.ended_at, bypass.ended_by = timezone.now(), actor
        bypass.save(update_fields=["ended_at", "ended_by"])
        _note(verbs.BYPASS_ENDED, bypass, actor)
    return bypass


def answer_by_bypass(exception: RunException) -> None:
    """Once what is asked is committed, an approval is given where a bypass is in force; else people are asked."""
    if exception.kind == ExceptionKind.APPROVAL:
        transaction.on_commit(lambda: _answer(exception.pk), robust=True)


def _answer(pk: uuid.UUID) -> None:
    exception = RunException.objects.select_related("agent", "item__agent").get(pk=pk)
    bypass = in_force(exception.agent_id)
    if bypass is None or exception.state != ExceptionState.OPEN or not proposes(exception):
        return
    try:
        decide(
            exception.item,
            actor=bypass.opened_by,
            kind=DecisionKind.APPROVE,
            note=wording.BYPASSED % {"reason": bypass.reason},
            proposal_sha256=exception.proposal_sha256,
            idempotency_key=f"{BY_BYPASS}{bypass.pk}",
        )
    except Refused as refusal:
        log.info("Bypass %s left %s to people: %s", bypass.pk, pk, refusal.message)


def _note(verb: str, bypass: Bypass, actor: User, **data: Any) -> None:
    agent = bypass.agent
    record(verb, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, bypass=bypass.pk, **data)
    notify("exceptions")

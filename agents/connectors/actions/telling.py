"""What people tell an agent reaches its own system, by its adapter or by a person's hands, with a receipt."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid, Refused
from agents.base.hooks import notify
from agents.base.models import Outbox
from agents.base.outbox import enqueue
from agents.connectors import verbs
from agents.connectors.contract import Pushed, VendorError, sha256
from agents.connectors.enums import Method, Rung, Way
from agents.connectors.models import InstructionReceipt
from agents.connectors.registry import adapter
from agents.engine.state import storable
from agents.fleet.actions import note_visit
from agents.fleet.enums import Vendor, Verb
from agents.fleet.models import Instruction
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.models import User
from audit.actions import record

INSTRUCTION = "connectors.instruction"
TRIES = 8
MOST_MINUTES, MOST = 480, 2_000
BY_HAND = (Rung.MANUAL_PENDING, Rung.FAILED)
"""Where a person may paste it."""


def carry_instruction(given: Instruction) -> None:
    """In the transaction that gave it: it leaves for its agent's system, or waits for a person who pastes it there.

    Ours read our rows: their next run carries it.
    """
    if given.agent.vendor == Vendor.OURS:
        return
    found = adapter(given.agent)
    if found.can(Method.PUSH_CONTEXT):
        enqueue(INSTRUCTION, f"agent {given.agent_id}", {"instruction": given.pk})
    elif found.capabilities[Method.PUSH_CONTEXT].way == Way.MANUAL or found.deep_link():
        take(given, Rung.MANUAL_PENDING, {"deep_link": found.deep_link()})
    else:
        take(given, Rung.NOT_APPLICABLE, {"reason": str(found.capabilities[Method.PUSH_CONTEXT].note)})


def send_instruction(message: Outbox) -> None:
    """The handler of `INSTRUCTION`. A newer one carries everything: what was overtaken does not leave."""
    given = Instruction.objects.select_related("agent__team").get(pk=UUID(message.payload["instruction"]))
    if Instruction.objects.filter(agent=given.agent_id, number__gt=given.number).exists():
        return
    try:
        pushed = adapter(given.agent).push_context(
            given.text, version_id=f"instruction-{given.pk}", key=str(message.pk)
        )
    except Refused as refused:
        if isinstance(refused, VendorError) and refused.passes and message.attempts < TRIES:
            raise
        take(given, Rung.FAILED, {"error": refused.message, "deep_link": adapter(given.agent).deep_link()})
    else:
        take(given, _reached(pushed, given), {k: v for k, v in pushed.evidence.items() if k != "text"}, pushed.sha256)


def _reached(pushed: Pushed, given: Instruction) -> Rung:
    """`stored` counts only with the hash of exactly this text."""
    exact = pushed.sha256 == sha256(given.text)
    return Rung.SENT if pushed.rung in (Rung.STORED, Rung.ECHOED) and not exact else pushed.rung


@transaction.atomic
def confirm_instruction(given: Instruction, *, actor: User, evidence: str, minutes: int) -> InstructionReceipt:
    """A person pasted it on the agent's own page: what they saw there, and the minutes it cost.

    Again: the first receipt. Raises NotAllowed, Invalid, or Conflict (`closed`) when nothing is to be pasted.
    """
    require(actor, given.agent, Verb.INSTRUCT)
    lock_agents([given.agent])
    last = given.receipts.order_by("-at").first()
    if last and last.rung == Rung.MANUAL_DONE:
        return last
    if last is None or last.rung not in BY_HAND:
        raise Conflict(_("There is nothing to paste."), "closed")
    _guard(evidence, minutes)
    told = {"evidence": storable(evidence.strip())}
    note_visit(actor, given.agent, minutes)
    return take(given, Rung.MANUAL_DONE, told, sha256(given.text), user=actor, minutes=minutes)


def _guard(evidence: str, minutes: int) -> None:
    if not evidence.strip() or len(evidence) > MOST:
        problem = _("Say where you pasted it, or what you saw there.")
        raise Invalid(problem, fields={"evidence": [problem]})
    if not 0 <= minutes <= MOST_MINUTES:
        problem = _("Give the minutes it took, at most %(most)s.") % {"most": MOST_MINUTES}
        raise Invalid(problem, fields={"minutes": [problem]})


def take(
    given: Instruction,
    rung: Rung,
    evidence: dict[str, Any],
    sha256: str = "",
    *,
    user: User | None = None,
    minutes: int = 0,
) -> InstructionReceipt:
    """Keeps a rung with its evidence, once."""
    with transaction.atomic():
        kept = {"evidence": evidence, "sha256": sha256, "user": user, "minutes": minutes}
        receipt, new = InstructionReceipt.objects.get_or_create(instruction=given, rung=rung, defaults=kept)
        if new:
            _record(given, rung, user.actor if user else SYSTEM, sha256)
    return receipt


def _record(given: Instruction, rung: Rung, actor: Actor, sha256: str) -> None:
    told: dict[str, Any] = {"number": given.number, "rung": rung.value, "sha256": sha256}
    agent = given.agent
    record(verbs.INSTRUCTION_TOLD, actor=actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **told)
    notify("fleet")

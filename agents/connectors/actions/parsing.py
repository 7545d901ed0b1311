"""What was kept is read: now by the task that was woken, later by the sweep, again whenever a person asks."""

import logging
import uuid
from collections import defaultdict
from datetime import timedelta

from django.db import OperationalError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Refused
from agents.base.hooks import notify
from agents.connectors.enums import InboxState
from agents.connectors.events import Told, told_by
from agents.connectors.ingest import Taken, read, take_runs
from agents.connectors.models import InboxEvent, Source
from agents.fleet.models import Agent
from agents.runs.wake import wire

log = logging.getLogger(__name__)
TASK, QUEUE = "connectors.parse", "urgent"
MAX_ATTEMPTS = 3
OVERDUE = timedelta(seconds=5)
BATCH = 500


def wake(event_id: uuid.UUID) -> None:
    """Tells a worker once this transaction is committed; the sweep finds what that loses."""
    transaction.on_commit(lambda: wire.send(TASK, [str(event_id)], QUEUE), robust=True)


def read_again(events: QuerySet[InboxEvent]) -> int:
    """In the caller's transaction: these events are as good as new."""
    ids = list(events.values_list("pk", flat=True))
    InboxEvent.objects.filter(pk__in=ids).update(state=InboxState.RECEIVED, attempts=0, reason="")
    for event_id in ids:
        wake(event_id)
    notify("sources")
    return len(ids)


def parse_inbox() -> None:
    """Whatever nobody has read yet although it is there for a while."""
    waiting = InboxEvent.objects.filter(state=InboxState.RECEIVED, received_at__lt=Now() - OVERDUE)
    for event_id in list(waiting.order_by("received_at").values_list("pk", flat=True)[:BATCH]):
        parse(event_id)


def parse(event_id: uuid.UUID) -> None:
    """Reads one event, once, whoever else has been told to. A defect of ours leaves it failed, its bytes kept."""
    due = InboxEvent.objects.filter(pk=event_id, state=InboxState.RECEIVED)
    # Counted before: an event that kills its reader must not kill every one after it.
    if not due.update(attempts=F("attempts") + 1):
        return
    try:
        with transaction.atomic():
            held = due.select_for_update(skip_locked=True, of=("self",)).select_related("source__team").first()
            if held is not None:
                _parse(held)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("The event %s cannot be read", event_id)
        due.update(state=InboxState.FAILED, reason=f"{type(error).__name__}: {error}"[:300])
    notify("sources")


def _parse(event: InboxEvent) -> None:
    if event.attempts > MAX_ATTEMPTS:
        _end(event, InboxState.FAILED, _("Its readers died three times."))
        return
    try:
        reading = read(bytes(event.body))
        agents, unknown = _by_agent(event.source, told_by(reading))
        taken = [each for agent, told in agents for each in _take(event, agent, told, reading.flags)]
    except Refused as refusal:
        _end(event, InboxState.FAILED, refusal.message)
        return
    event.taken = sum(each.problem is None for each in taken)
    bad = next((each.problem for each in taken if each.problem), None)
    if unknown:
        event.agent_name = unknown[0].agent
        _end(event, InboxState.QUARANTINED, _("unmapped agent"))
    elif bad:
        _end(event, InboxState.FAILED, bad.message)
    else:
        _end(event, InboxState.PARSED, "")


def _take(event: InboxEvent, agent: Agent, told: list[Told], flags: list[str]) -> list[Taken]:
    return take_runs(agent, [each.document for each in told], source=f"hook:{event.source.name}", flags=flags)


def _end(event: InboxEvent, state: InboxState, reason: str) -> None:
    event.state, event.reason, event.parsed_at = state, reason[:300], timezone.now()
    event.save(update_fields=["state", "reason", "parsed_at", "agent_name", "taken"])


def _by_agent(source: Source, told: list[Told]) -> tuple[list[tuple[Agent, list[Told]]], list[Told]]:
    """What is about which agent of ours, in a fixed order; and what is about nobody we know."""
    known = _agents(source, {each.agent for each in told})
    groups: dict[uuid.UUID, list[Told]] = defaultdict(list)
    for each in told:
        if each.agent in known:
            groups[known[each.agent].pk].append(each)
    by_id = {agent.pk: agent for agent in known.values()}
    unknown = [each for each in told if each.agent not in known]
    return [(by_id[pk], groups[pk]) for pk in sorted(groups)], unknown


def _agents(source: Source, names: set[str]) -> dict[str, Agent]:
    """By what the sender calls them: short name, id, or a name that a person has mapped."""
    ours = Agent.objects.filter(team=source.team_id).select_related("team")
    if source.agent_id:
        agent = ours.get(pk=source.agent_id)
        return {name: agent for name in names if name in ("", agent.slug, str(agent.pk))}
    meant = {name: source.aliases.get(name, name) for name in names}
    found = {str(agent.pk): agent for agent in ours.filter(slug__in=meant.values())}
    found |= {str(agent.pk): agent for agent in ours.filter(pk__in=[each for each in meant.values() if _is_id(each)])}
    by_word = found | {agent.slug: agent for agent in found.values()}
    return {name: by_word[word] for name, word in meant.items() if word in by_word}


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False

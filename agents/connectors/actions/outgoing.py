"""What leaves for other people's agents because of what people did here: answers, and the switch."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from agents.base.actors import SYSTEM
from agents.base.errors import Refused
from agents.base.models import Outbox
from agents.base.outbox import enqueue
from agents.connectors import verbs, wording
from agents.connectors.contract import Adapter, VendorError
from agents.connectors.enums import Method
from agents.connectors.registry import adapter
from agents.engine import Json
from agents.fleet.enums import Lifecycle, Vendor
from agents.fleet.models import Agent
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import Run, RunException
from audit.actions import record

ANSWER, SWITCH = "connectors.answer", "connectors.switch"
TRIES = 8
TITLES = {ANSWER: wording.NOT_ANSWERED, SWITCH: wording.NOT_SWITCHED}
"""Over some four minutes; then a person is told."""


def carry_answer(run: Run, exception: RunException, answer: Json) -> None:
    """In the transaction of the decision: what a person said goes to where the run waits, if it can be told there."""
    asked = exception.evidence.get("ask")
    if asked and adapter(exception.agent).can(Method.ANSWER):
        told = {"agent": run.agent_id, "exception": exception.pk, "ask": asked, "answer": answer}
        enqueue(ANSWER, f"agent {run.agent_id}", told)


def switch_at_vendor(agent: Agent, before: str) -> None:
    """In the transaction that pauses or resumes an agent: the vendor's own switch follows, where there is one."""
    paused = agent.lifecycle == Lifecycle.PAUSED
    if agent.vendor == Vendor.OURS or paused == (before == Lifecycle.PAUSED):
        return
    if adapter(agent).can(Method.PAUSE if paused else Method.RESUME):
        enqueue(SWITCH, f"agent {agent.pk}", {"agent": agent.pk, "pause": paused})


def send_answer(message: Outbox) -> None:
    """The handler of `ANSWER`. What may pass is tried again; what does not is told to the agent's owners."""
    found, told = _adapter(message), message.payload
    if _done(message, found, lambda: found.answer(told["ask"], told["answer"], key=str(message.pk))):
        _record(verbs.ANSWER_DELIVERED, found.agent, exception=told["exception"])


def send_switch(message: Outbox) -> None:
    """The handler of `SWITCH`."""
    found, pause = _adapter(message), bool(message.payload["pause"])
    act = found.pause if pause else found.resume
    if _done(message, found, lambda: act(key=str(message.pk))):
        _record(verbs.SWITCHED, found.agent, paused=pause)


def _adapter(message: Outbox) -> Adapter:
    return adapter(Agent.objects.select_related("team").get(pk=UUID(message.payload["agent"])))


def _done(message: Outbox, found: Adapter, act: Callable[[], None]) -> bool:
    try:
        act()
    except VendorError as error:
        if error.passes and message.attempts < TRIES:
            raise
        _tell(message, found.agent, error)
        return False
    except Refused as refused:
        _tell(message, found.agent, refused)
        return False
    return True


def _tell(message: Outbox, agent: Agent, problem: Refused) -> None:
    raise_exception(
        agent,
        kind=ExceptionKind.FAILURE,
        severity=Severity.HIGH,
        title=TITLES[message.topic] % {"agent": agent},
        detail=problem.message,
        evidence={"topic": message.topic, "code": problem.code, "deep_link": adapter(agent).deep_link()},
        cause="vendor",
        actor=SYSTEM,
    )


def _record(verb: str, agent: Agent, **data: Any) -> None:
    record(verb, actor=SYSTEM, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **data)

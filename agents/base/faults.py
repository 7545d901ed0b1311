"""Crash here: named points where a test may kill, freeze or fail a process. Without ROLLCALL_FAULT they do nothing."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

NAMES = (
    "ingest.before_commit",
    "ingest.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "claim.after",
    "step.before_call",
    "step.after_call_before_journal",
    "step.after_journal",
    "effect.before_send",
    "effect.after_send_before_journal",
    "approval.after_decision",
    "run.before_finish",
    "run.after_finish_before_ack",
    "budget.after_reserve",
    "budget.before_settle",
    "seal.before_commit",
    "seal.after_commit",
    "broadcast.after_fanout_row",
)
NAP = 5.0


class Fault(BaseException):
    """What a point armed with "raise" raises: as with a kill, no handler of ours comes in between."""


def _raise() -> None:
    raise Fault("An armed fault point was reached.")


ACTIONS: dict[str, Callable[[], None]] = {
    "kill9": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "raise": _raise,
    "sleep": lambda: time.sleep(NAP),
}


@dataclass
class _Armed:
    name: str
    action: Callable[[], None]
    left: int


def parse(spec: str) -> _Armed | None:
    """`name:action[:nth]`: at the nth arrival (from 1) at the point; "" arms nothing. Raises `ValueError` otherwise."""
    if not spec:
        return None
    name, action, *nth = spec.split(":")
    if name not in NAMES or action not in ACTIONS or len(nth) > 1:
        raise ValueError(
            f"ROLLCALL_FAULT={spec} is not name:{'|'.join(ACTIONS)}[:nth] with a name of agents.base.faults."
        )
    return _Armed(name, ACTIONS[action], int(nth[0]) if nth else 1)


_armed = parse(os.environ.get("ROLLCALL_FAULT", ""))


def arm(spec: str) -> None:
    """What ROLLCALL_FAULT does at start, for a test within the process; "" disarms."""
    global _armed
    _armed = parse(spec)


def faultpoint(name: str) -> None:
    """The place called `name` (one of NAMES): acts only at the arrival it was armed for."""
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left == 0:
        _armed.action()

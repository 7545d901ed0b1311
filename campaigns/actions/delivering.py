"""Carrying deliveries to their agents' systems: many at once, each under a lease, none twice where it can be known."""

import datetime as dt
import logging
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import transaction
from django.utils import timezone

from agents.base import http
from agents.base.errors import Refused
from agents.base.faults import faultpoint
from agents.connectors.contract import NotSupported, Pushed, VendorError
from campaigns.actions.claiming import claim
from campaigns.actions.flights import Flights, Landed, Outcome
from campaigns.actions.overtaking import overtake
from campaigns.actions.receipts import held, take_receipt
from campaigns.actions.settling import plain, store
from campaigns.enums import SETTLED, Rung
from campaigns.models import Delivery

log = logging.getLogger(__name__)
WIDTH = 200
"""Deliveries on their way at once, in one worker; as many again wait in its hands, so that none of its calls does."""
PATIENCE_S = 0.5
"""A system that does not answer holds up only its own agent: what falls due meanwhile is claimed all the same."""
MAX_TRIES = 6
SLOWEST_S = 60.0
RESTS = dt.timedelta(minutes=5)
"""So long it costs no try that the host rests: many systems may share it, and another one may have made it fail. Then a
person looks, for a host that stays down admits one probe at a time, and none of them would ever be through.
"""
SHIFT_S = 20.0
"""A task claims nothing new after this long, so that the queue's other work is not kept waiting; the next goes on."""


def deliver() -> int:
    """Carries everything that is due; returns how many deliveries were carried, tries included."""
    carried, ends = 0, time.monotonic() + SHIFT_S
    with http.shared(WIDTH), ThreadPoolExecutor(WIDTH, "deliver") as pool:
        flights = Flights(pool)
        while True:
            for errand in claim(2 * WIDTH - flights.open if time.monotonic() < ends else 0):
                flights.start(errand)
            if not flights.open:
                return carried
            landed = flights.land(PATIENCE_S)
            carried += len(landed)
            _settle_all(landed)


def _settle_all(landed: Sequence[Landed]) -> None:
    """At once what is only stored; the others one by one."""
    written = store([(errand, pushed) for errand, outcome in landed if (pushed := plain(errand, outcome))])
    for errand, outcome in landed:
        if errand.delivery.pk not in written:
            _settle(errand.delivery, outcome)
        faultpoint("broadcast.after_fanout_row")


def _settle(claimed: Delivery, outcome: Outcome) -> None:
    """Writes what came of it, unless the lease went to somebody else meanwhile."""
    with transaction.atomic():
        delivery = held(claimed)
        if delivery.fence != claimed.fence:
            return
        delivery.lease_until, delivery.lease_owner, delivery.due_at = None, "", None
        _read(delivery, outcome)
        delivery.save()


def _read(delivery: Delivery, outcome: Outcome) -> None:
    try:
        for pushed in outcome():
            _take(delivery, pushed)
        if delivery.state == Rung.SENT:
            _later(delivery, None)
    except NotSupported as error:
        take_receipt(delivery, Rung.MANUAL_PENDING, evidence={"reason": error.message}, sha256=delivery.sha256)
    except VendorError as error:
        delivery.tries -= error.unsent and timezone.now() - delivery.state_since < RESTS
        _failed(delivery, error.message, error.retry_after, passes=error.passes)
    except Refused as error:
        _failed(delivery, error.message, None, passes=True)
    except Exception as error:
        # A defect of one adapter must not keep the other agents from being told.
        log.exception("Delivery %s met a defect", delivery.pk)
        _failed(delivery, f"{type(error).__name__}: {error}", None, passes=False)


def _take(delivery: Delivery, pushed: Pushed) -> None:
    """`stored` counts only with the hash of exactly the text we meant."""
    rung, exact = Rung(pushed.rung.value), pushed.sha256 == delivery.sha256
    if rung in (Rung.STORED, Rung.ECHOED) and not exact:
        rung = Rung.SENT
    evidence = {name: value for name, value in pushed.evidence.items() if name != "text"}
    take_receipt(delivery, rung, evidence={**evidence, "exact": exact}, sha256=pushed.sha256)


def _failed(delivery: Delivery, error: str, retry_after: float | None, *, passes: bool) -> None:
    delivery.error = error[:300]
    if passes and delivery.tries < MAX_TRIES:
        _later(delivery, retry_after)
    elif delivery.state not in SETTLED:
        take_receipt(delivery, Rung.FAILED, evidence={"error": delivery.error, "tries": delivery.tries})


def _later(delivery: Delivery, retry_after: float | None) -> None:
    """Again after a pause that doubles, up to a minute; as late as the system asks. After MAX_TRIES a person looks."""
    if delivery.tries < MAX_TRIES:
        pause = max(min(2.0**delivery.tries, SLOWEST_S) * random.uniform(0.75, 1.25), min(retry_after or 0.0, 900.0))
        delivery.due_at = timezone.now() + dt.timedelta(seconds=pause)


def sweep() -> None:
    """Every ten seconds: what a dead worker or a lost message left behind."""
    with transaction.atomic():
        overtake()
    deliver()

"""The two-owner rule as an action meets it: asked at its end, answered in words. The database has the last say."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet.models import Agent

CONSTRAINT = "agent_two_owners"


def lock_agents(agents: Iterable[Agent]) -> list[Agent]:
    """Hold these agents, fresh, until the transaction ends. Lock people first (`people.locks`)."""
    ids = {agent.pk for agent in agents}
    return list(Agent.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


@contextmanager
def two_owners() -> Iterator[None]:
    """What is written inside keeps two active owners on live agents, or `Invalid` (code `two_owners`) names those."""
    try:
        with transaction.atomic():
            yield
            _check("IMMEDIATE")
            _check("DEFERRED")
    except IntegrityError as error:
        short = _short(error)
        if short is None:
            raise
        message = _("A live agent needs two active owners; this would leave fewer: %(agents)s.") % {"agents": short}
        raise Invalid(message, "two_owners", {"owners": [message]}) from error


def _check(when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {CONSTRAINT} {when}")


def _short(error: IntegrityError) -> str | None:
    diag = getattr(error.__cause__, "diag", None)
    return diag.message_detail if diag and diag.constraint_name == CONSTRAINT else None

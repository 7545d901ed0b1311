"""The two-owner rule as an action meets it: asked at its end, answered in words. The database has the last say."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.fleet.enums import QUORUM_ROLES, Lifecycle
from agents.fleet.models import Agent

CONSTRAINT = "agent_two_owners"


def lock_agents(agents: Iterable[Agent]) -> list[Agent]:
    """Hold these agents, fresh, until the transaction ends. Lock people first (`people.locks`)."""
    ids = {agent.pk for agent in agents}
    return list(Agent.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


def short_of_owners(agents: QuerySet[Agent]) -> list[str]:
    """The short names of those that are live with fewer than two active owners that count."""
    counting = Q(owners__user__is_active=True, owners__role__in=QUORUM_ROLES)
    counted = agents.filter(lifecycle=Lifecycle.LIVE).annotate(n=Count("owners__user", filter=counting, distinct=True))
    return list(counted.filter(n__lt=2).order_by("slug").values_list("slug", flat=True))


@contextmanager
def two_owners(agents: Collection[Agent]) -> Iterator[None]:
    """What is written inside keeps two active owners on live agents, or `Invalid` (`two_owners`) names those short.

    `agents` are the locked ones that may be affected; the database itself then looks at every one that was. It looks at
    the end of the block, so blocks do not nest.
    """
    try:
        with transaction.atomic():
            yield
            if short := short_of_owners(Agent.objects.filter(pk__in=[agent.pk for agent in agents])):
                raise _refusal(", ".join(short))
            _check("IMMEDIATE")
            _check("DEFERRED")
    except IntegrityError as error:
        diag = getattr(error.__cause__, "diag", None)
        if diag is None or diag.constraint_name != CONSTRAINT:
            raise
        raise _refusal(diag.message_detail) from error


def _check(when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {CONSTRAINT} {when}")


def _refusal(short: str) -> Invalid:
    message = _("A live agent needs two active owners; this would leave fewer: %(agents)s.") % {"agents": short}
    return Invalid(message, "two_owners", {"owners": [message]})

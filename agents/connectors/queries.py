"""What comes in, for those who look after it. Read only."""

from django.db.models import Count, Max, Q, QuerySet

from agents.connectors.enums import InboxState
from agents.connectors.models import InboxEvent, Source
from agents.connectors.permissions import sources_for
from agents.people.models import Team, User

TROUBLE = (InboxState.QUARANTINED, InboxState.FAILED)


def sources(user: User, team: Team) -> QuerySet[Source]:
    """The person's addresses by name, each with `last_at`, `events_in` and how many are in `trouble`."""
    counted = (
        sources_for(user, team)
        .select_related("agent")
        .annotate(
            last_at=Max("events__received_at"),
            events_in=Count("events"),
            trouble=Count("events", filter=Q(events__state__in=TROUBLE)),
        )
    )
    return counted.order_by("name")


def troubled(user: User, team: Team) -> QuerySet[InboxEvent]:
    """Events that could not be taken in, newest first, without their bytes."""
    mine = InboxEvent.objects.filter(source__in=sources_for(user, team), state__in=TROUBLE)
    return mine.select_related("source__agent", "source__team").defer("body").order_by("-received_at", "-pk")

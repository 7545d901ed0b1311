"""The fleet as one person sees it: the list, its filters and its counts are one query set."""

import uuid

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When

from agents.fleet.enums import Lifecycle, OwnerRole, Verb
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import agents_for
from agents.fleet.queries.status import PRECEDENCE
from agents.people.models import User


def seats() -> QuerySet[AgentOwner]:
    """Owners with the person beside them: primary, second, backup, trainee; then by who came first."""
    return AgentOwner.objects.select_related("user").order_by(rank("role", OwnerRole.values), "since", "pk")


def rank(field: str, values: list[str]) -> Case:
    """An ordering: the place of `field` among `values`, unknown ones last."""
    places = [When(**{field: value}, then=Value(place)) for place, value in enumerate(values)]
    return Case(*places, default=Value(len(values)), output_field=IntegerField())


def fleet(
    user: User,
    *,
    state: str = "",
    lifecycle: str = "",
    vendor: str = "",
    function: str = "",
    owner: str = "",
    text: str = "",
) -> QuerySet[Agent]:
    """The agents the person may view, worst state first, with `status` and ordered `owners` (two queries).

    Retired agents are shown only when asked for by `lifecycle`. `owner` is a user id; an empty filter is no filter.
    """
    agents = agents_for(user, Verb.VIEW).select_related("status", "team").prefetch_related(Prefetch("owners", seats()))
    exact = {"status__state": state, "lifecycle": lifecycle, "vendor": vendor, "function": function}
    agents = agents.filter(**{field: value for field, value in exact.items() if value})
    if not lifecycle:
        agents = agents.exclude(lifecycle=Lifecycle.RETIRED)
    if owner:
        agents = agents.filter(pk__in=_owned_by(owner))
    if words := text.replace("\x00", "").strip():
        agents = agents.filter(_mentions(words))
    return agents.order_by(rank("status__state", list(PRECEDENCE)), "name", "pk")


def _mentions(words: str) -> Q:
    fields = ("name", "native_name", "slug", "purpose")
    return Q(*((f"{field}__icontains", words) for field in fields), _connector=Q.OR)


def _owned_by(text: str) -> QuerySet[AgentOwner, uuid.UUID]:
    try:
        owned = AgentOwner.objects.filter(user_id=uuid.UUID(text))
    except ValueError:
        owned = AgentOwner.objects.none()
    return owned.values_list("agent_id", flat=True)


def counts(agents: QuerySet[Agent], field: str) -> dict[str, int]:
    """How many of these agents there are for each value of `field` ("lifecycle", "status__state", "vendor"…)."""
    rows = agents.order_by().prefetch_related(None).values_list(field).annotate(n=Count("pk"))
    return {value: n for value, n in rows if value is not None}

"""The exception that an address names, as whoever asks may see it."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from agents.fleet.enums import Verb
from agents.fleet.permissions import verbs_on
from agents.flows.terms import terms_beside
from agents.runs.enums import DecisionState
from agents.runs.models import Decision, RunException
from agents.runs.queries import exceptions_for
from console.pages.exceptions.known import known
from console.pages.exceptions.page import AnswerPage
from console.request import PaneRequest

BESIDE = ("agent", "run__agent", "item__claimed_by", "item__assignee", *terms_beside("run__flow_version__"))


def exception_page(request: PaneRequest, pk: Any, **typed: Any) -> AnswerPage:
    """Raises Http404 for a stranger; a reader without the right to decide sees the page without its buttons."""
    found = _exceptions(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    may = verbs_on(request.user, found.agent)
    seen, last = known(found.run, request.user), [*found.item.decisions.all()][-1:]
    undone = next((each for each in last if each.state == DecisionState.UNDONE and each.actor == request.user), None)
    return AnswerPage(found, Verb.REVIEW in may, Verb.CONFIGURE in may, seen, taken_back=undone, **typed)


def _exceptions(request: PaneRequest) -> QuerySet[RunException]:
    decisions = Prefetch("item__decisions", Decision.objects.select_related("actor").order_by("at", "pk"))
    found = exceptions_for(request.user).filter(agent__team=request.team)
    return found.select_related(*BESIDE).prefetch_related(decisions)

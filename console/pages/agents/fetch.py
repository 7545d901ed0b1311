"""How the pages get an agent: strangers get 404; who sees it but may not act is told so by the action."""

from django.shortcuts import get_object_or_404

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from console.request import PaneRequest


def visible(request: PaneRequest, slug: str) -> Agent:
    """The agent of this address, if the person may view it in the team they look at."""
    agents = agents_for(request.user, Verb.VIEW).select_related("team", "status")
    return get_object_or_404(agents, team=request.team, slug=slug)

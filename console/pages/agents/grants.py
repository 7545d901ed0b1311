"""Who may use which tool on what terms: every grant of every agent that the person sees, a row each."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.fleet.enums import Verb
from agents.fleet.models import ToolGrant
from agents.fleet.permissions import agents_for
from agents.fleet.toolbox import Tool, tool_called, tools
from console.request import PaneRequest


@dataclass(frozen=True, slots=True)
class Row:
    """`tool` is None where this release does not ship it any more."""

    grant: ToolGrant
    tool: Tool | None

    @property
    def is_confirmed(self) -> bool:
        """Whether a person confirms each use, the agent being live."""
        return self.tool is not None and self.tool.must_confirm(self.grant, is_live=True)


@require_safe
def tool_grants(request: PaneRequest) -> HttpResponse:
    """All of them, or those of one tool."""
    wanted = request.GET.get("tool", "")
    found = _grants(request).filter(tool=wanted) if wanted else _grants(request)
    rows = [Row(grant, tool_called(grant.tool)) for grant in found]
    return render(request, "pages/agents/grants.html", {"rows": rows, "tools": tools(), "tool": wanted})


def _grants(request: PaneRequest) -> QuerySet[ToolGrant]:
    mine = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    found = ToolGrant.objects.filter(agent__in=mine).select_related("agent", "granted_by")
    return found.order_by("agent__name", "tool")

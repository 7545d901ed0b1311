"""Taking a decision back."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.base.errors import Conflict
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs.actions.folding import undo_alike
from agents.runs.models import Decision
from console.request import PaneRequest


@require_POST
def undo(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Its item is open again; or the page says that it was too late."""
    mine = Decision.objects.filter(item__agent__team=request.team, item__agent__in=agents_for(request.user, Verb.VIEW))
    decision = get_object_or_404(mine.select_related("item__agent"), pk=pk)
    try:
        undo_alike(decision, actor=request.user)
        messages.success(request, _("Taken back: nothing has happened."))
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("queue-item", pk=decision.item_id)

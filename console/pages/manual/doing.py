"""What it takes to tick off each kind of task of the manual round, for the page and the API alike."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.connectors.actions import complete_check_in, confirm_instruction
from agents.fleet.actions import report_kpi
from agents.fleet.models import Agent, Instruction, KpiTarget
from agents.people.models import User
from agents.runs.models import RunException
from campaigns.actions import confirm_manual
from campaigns.models import Delivery


def _check_in(row: Any, actor: User, evidence: str, minutes: int, value: object) -> None:
    complete_check_in(row, actor=actor, evidence=evidence, minutes=minutes, key=f"round-{row.pk}")


def _pasted(row: Any, actor: User, evidence: str, minutes: int, value: object) -> None:
    confirm_instruction(row, actor=actor, evidence=evidence, minutes=minutes)


def _delivered(row: Any, actor: User, evidence: str, minutes: int, value: object) -> None:
    confirm_manual(row, actor=actor, evidence=evidence, minutes=minutes)


def _read(row: Any, actor: User, evidence: str, minutes: int, value: Any) -> None:
    if value is None:
        raise Invalid(_("Give the figure."), fields={"value": [_("Give the figure.")]})
    report_kpi(row, value, actor=actor, evidence=evidence, minutes=minutes)


Act = Callable[[Any, User, str, int, Any], None]
KINDS: dict[str, tuple[type[Any], Act]] = {
    "check_in": (RunException, _check_in),
    "delivery": (Delivery, _delivered),
    "instruction": (Instruction, _pasted),
    "kpi": (KpiTarget, _read),
}


def task_or_404(kind: str, pk: uuid.UUID, seen: QuerySet[Agent]) -> Any:
    """What is to be done by hand on the page of one of the agents. Raises Http404."""
    if kind not in KINDS:
        raise Http404
    return get_object_or_404(KINDS[kind][0].objects.select_related("agent"), agent__in=seen, pk=pk)


def tick(kind: str, row: Any, *, actor: User, evidence: str, minutes: int, value: Decimal | None) -> None:
    """It was done, with what was seen. Raises NotAllowed, Conflict when it was done already, or Invalid."""
    KINDS[kind][1](row, actor, evidence, minutes, value)

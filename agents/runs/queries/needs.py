"""What a person is needed for: the card that counts it, the filter and the list are this one condition."""

from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Verb
from agents.people.models import Team, User
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import RunException
from agents.runs.queries.seen import waiting

K = ExceptionKind


class Need(TextChoices):
    """Kinds of need, each with its own card."""

    WAITING = "waiting", _("approvals and questions waiting")
    EXCEPTIONS = "exceptions", _("exceptions")
    SILENT = "silent", _("silent or disconnected")
    CHECK_INS = "check_ins", _("manual check-ins")


CONDITIONS = {
    Need.WAITING: ~Q(step_key="") | Q(kind__in=[K.APPROVAL, K.QUESTION, K.HANDOFF]),
    Need.EXCEPTIONS: ~Q(kind=K.CHECK_IN),
    Need.SILENT: Q(kind__in=[K.SILENCE, K.SYNC_FAILED]),
    Need.CHECK_INS: Q(kind=K.CHECK_IN),
}


def needing(user: User, team: Team, need: Need | str = "", verb: Verb = Verb.VIEW) -> QuerySet[RunException]:
    """The open exceptions of the team, of agents on which the person holds `verb`, of this need; all without one."""
    found = waiting(user, verb).filter(agent__team=team)
    return found.filter(CONDITIONS[Need(need)]) if need else found


@lru_cache
def condition(need: Need) -> tuple[str, list[Any]]:
    """`needing` as SQL over runs_runexception with its parameters, for statements that count many needs at once."""
    where = RunException.objects.filter(CONDITIONS[need], state=ExceptionState.OPEN).query
    sql, params = where.get_compiler(connection=connection).compile(where.where)
    return sql, list(params)


def named(need: Need) -> tuple[str, dict[str, Any]]:
    """`condition` with named parameters."""
    sql, given = condition(need)
    params = {f"{need}{number}": value for number, value in enumerate(given)}
    for name in params:
        sql = sql.replace("%s", f"%({name})s", 1)
    return sql, params

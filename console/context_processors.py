"""What every page of the pane needs: the team, and the pages with their counts. Fragments do not pay for it."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agents.base.context import correlation_id, request_id
from agents.base.ids import unix_ms
from agents.base.personal import is_masking
from agents.fleet.permissions import REVIEWED, SEEN
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.permissions import MAY_REVEAL, SEES_PERSONAL
from agents.runs.queries.seen import ALIVE, alive_of
from agents.runs.queries.worst import COUNTED
from console.fragments import drawn
from console.health import CANARY_LIMIT

MANAGING = frozenset({TeamRole.ADMINISTRATOR, TeamRole.CHIEF})


@dataclass(frozen=True)
class Page:
    """One page of the pane; `key` is the letter after g, `more` hides it behind More on a phone."""

    name: str
    key: str
    icon: str
    label: Promise
    more: bool = False
    roles: frozenset[TeamRole] | None = None


PAGES = (
    Page("today", "t", "sun", _("Today")),
    Page("queue", "q", "inbox-stack", _("Queue")),
    Page("exceptions", "e", "exclamation-triangle", _("Exceptions")),
    Page("agents", "a", "cpu-chip", _("Agents")),
    Page("campaigns", "c", "megaphone", _("Campaigns"), more=True),
    Page("runs", "r", "play-circle", _("Runs"), more=True),
    Page("flows", "f", "share", _("Flows"), more=True),
    Page("kpis", "k", "chart-bar", _("KPIs"), more=True),
    Page("owners", "o", "users", _("Owners"), more=True),
    Page("people", "p", "identification", _("People"), more=True, roles=MANAGING),
    Page("audit", "u", "shield-check", _("Audit"), more=True),
    Page("settings", "s", "cog-6-tooth", _("Settings"), more=True),
)


COUNTS = {
    "queue": _("wait for your decision"),
    "exceptions": _("wait for a person"),
    "owners": _("agents short of owners"),
}
"""Whose pages count something beside their names, and the words that say what is counted."""
# One statement for every page of the pane: four through the ORM cost more than most pages themselves.
# No badge counts further than COUNTED: there may be a million.
OPEN = """CROSS JOIN LATERAL (
    SELECT FROM runs_runexception WHERE agent_id = seen.id AND state = 'open' OFFSET 0) open"""
# Nor a statement of its own for whether anybody takes up work: who starts something must hear of it, on any page.
PANE = f"""
WITH seen AS (SELECT id, lifecycle FROM fleet_agent WHERE team_id = %(team)s AND id IN ({SEEN})),
late AS (SELECT * FROM ({ALIVE}) alive WHERE at < statement_timestamp() - make_interval(secs => {CANARY_LIMIT}))
SELECT (SELECT role FROM people_membership WHERE user_id = %(user)s AND team_id = %(team)s),
  (SELECT string_agg(queue, ', ' ORDER BY queue DESC) FROM late), (SELECT min(at) FROM late),
  (SELECT count(*) FROM (SELECT FROM seen {OPEN} WHERE seen.id IN ({REVIEWED}) LIMIT {COUNTED + 1}) mine),
  (SELECT count(*) FROM (SELECT FROM seen {OPEN} LIMIT {COUNTED + 1}) every),
  (SELECT count(*) FROM seen WHERE lifecycle <> 'retired' AND 2 > (
    SELECT count(*) FROM fleet_agentowner seat JOIN people_user person ON person.id = seat.user_id
    WHERE seat.agent_id = seen.id AND seat.role IN ('primary', 'second', 'backup') AND person.is_active))
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A page as drawn: where it is, whether we are there, and what waits on it."""

    url: str
    key: str
    icon: str
    label: str
    more: bool
    here: bool
    count: str
    count_says: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Queues, by name, whose work no worker has taken up, and since when."""

    queues: str
    since: dt.datetime


@dataclass(frozen=True)
class Pane:
    """The frame around a page: who is signed in, as what, where, and the pages with their counts."""

    pages: tuple[Link, ...]
    user: str
    role: str
    team: str
    standing: Standing | None

    @property
    def side(self) -> SafeString:
        return drawn("parts/side.html", self)

    @property
    def keys(self) -> SafeString:
        return drawn("parts/keys.html", self)


@dataclass(frozen=True, slots=True)
class Personal:
    """Whether personal data are masked on this page, and whether its reader may have them shown."""

    is_masking: bool
    may_reveal: bool


def pane(request: HttpRequest) -> dict[str, object]:
    """What every template may use. `pane` asks the database only when one draws it; `begun_ms` is for the stream."""
    team = getattr(request, "team", None)
    frame = SimpleLazyObject(lambda: _pane(request))
    personal, begun_ms = _personal(team), str(unix_ms(correlation_id()))
    return {"team": team, "pane": frame, "personal": personal, "request_id": request_id(), "begun_ms": begun_ms}


def _personal(team: Team | None) -> Personal | None:
    """Nothing for those who see all of it anyway."""
    role = getattr(team, "role", None)
    return None if role is None or role in SEES_PERSONAL else Personal(is_masking(), role in MAY_REVEAL)


def _pane(request: HttpRequest) -> Pane:
    team = getattr(request, "team", None)
    role, standing, counts = counted(request.user, team)
    shown = [page for page in PAGES if page.roles is None or role in page.roles]
    links = tuple(_link(request.path, page, counts.get(page.name, 0)) for page in shown)
    return Pane(links, str(request.user), str(TeamRole(role).label) if role else "", str(team or ""), standing)


def counted(user: User | AnonymousUser, team: Team | None) -> tuple[str | None, Standing | None, dict[str, int]]:
    """The person's role in the team, whether work stands still, and what each page counts beside its name."""
    if team is None or not user.is_authenticated:
        return None, None, {}
    with connection.cursor() as cursor:
        cursor.execute(PANE, {"user": user.pk, "team": team.pk, **alive_of()})
        role, queues, since, *counts = cursor.fetchone()
    return role, Standing(queues, since) if queues else None, dict(zip(COUNTS, counts, strict=True))


def _badge(count: int) -> str:
    return str(min(count, COUNTED)) + ("+" if count > COUNTED else "") if count else ""


@cache
def _address(name: str) -> str:
    return reverse(name)


def _link(path: str, page: Page, count: int) -> Link:
    url = _address(page.name)
    here = path == url or (url != "/" and path.startswith(url))
    return Link(
        url, page.key, page.icon, str(page.label), page.more, here, _badge(count), str(COUNTS.get(page.name, ""))
    )

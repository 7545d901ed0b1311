"""What every page of the pane needs: the team, and the pages with their counts. Fragments do not pay for it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import QUORUM_ROLES, Lifecycle, Verb
from agents.fleet.permissions import agents_for
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.queries import role_in
from agents.runs.queries import waiting

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
    Page("exceptions", "e", "exclamation-triangle", _("Exceptions")),
    Page("agents", "a", "cpu-chip", _("Agents")),
    Page("runs", "r", "play-circle", _("Runs")),
    Page("owners", "o", "users", _("Owners"), more=True),
    Page("people", "p", "identification", _("People"), more=True, roles=MANAGING),
    Page("audit", "u", "shield-check", _("Audit"), more=True),
    Page("settings", "s", "cog-6-tooth", _("Settings"), more=True),
)


def waiting_now(user: User, team: Team) -> int:
    """Exceptions that wait for a person."""
    return waiting(user).filter(agent__team=team).count()


def short_of_owners(user: User, team: Team) -> int:
    """Agents with fewer than two active owners that count."""
    agents = agents_for(user, Verb.VIEW).filter(team=team).exclude(lifecycle=Lifecycle.RETIRED)
    quorum = Count("owners", filter=Q(owners__role__in=QUORUM_ROLES, owners__user__is_active=True))
    return agents.annotate(quorum=quorum).filter(quorum__lt=2).count()


# What a page counts beside its name, and the words that say what is counted.
COUNTS: dict[str, tuple[Callable[[User, Team], int], Promise]] = {
    "exceptions": (waiting_now, _("wait for a person")),
    "owners": (short_of_owners, _("agents short of owners")),
}


@dataclass(frozen=True)
class Link:
    """A page as drawn: where it is, whether we are there, and what waits on it."""

    url: str
    key: str
    icon: str
    label: str
    more: bool
    here: bool
    count: int
    count_says: str


@dataclass(frozen=True)
class Pane:
    pages: list[Link]
    role: str


def pane(request: HttpRequest) -> dict[str, object]:
    """`team` and `pane` (pages and role); `pane` asks the database only when a template draws it."""
    return {"team": getattr(request, "team", None), "pane": SimpleLazyObject(lambda: _pane(request))}


def _pane(request: HttpRequest) -> Pane:
    team = getattr(request, "team", None)
    role = role_in(request.user, team.pk) if team and request.user.is_authenticated else None
    shown = [page for page in PAGES if page.roles is None or role in page.roles]
    return Pane([_link(request, page) for page in shown], str(TeamRole(role).label) if role else "")


def _link(request: HttpRequest, page: Page) -> Link:
    url = reverse(page.name)
    here = request.path == url or (url != "/" and request.path.startswith(url))
    count, says = COUNTS.get(page.name, (None, ""))
    team: Team | None = getattr(request, "team", None)
    number = count(request.user, team) if count and team and isinstance(request.user, User) else 0
    return Link(url, page.key, page.icon, str(page.label), page.more, here, number, str(says))

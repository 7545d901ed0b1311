"""What every page of the pane needs: the team, and the pages with their counts. Fragments do not pay for it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from agents.people.enums import TeamRole
from agents.people.queries import role_in

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
# What a page counts beside its name, and the sentence that says it: name -> request -> (count, sentence).
COUNTS: dict[str, Callable[[HttpRequest], tuple[int, str]]] = {}


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
    return Pane([link for page in shown if (link := _link(request, page))], str(TeamRole(role).label) if role else "")


def _link(request: HttpRequest, page: Page) -> Link | None:
    try:
        url = reverse(page.name)
    except NoReverseMatch:
        return None
    here = request.path == url or (url != "/" and request.path.startswith(url))
    count, says = COUNTS[page.name](request) if page.name in COUNTS else (0, "")
    return Link(url, page.key, page.icon, str(page.label), page.more, here, count, says)

"""What this installation runs on, asked just now."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.base.money import format_money
from agents.base.phrases import spoken
from agents.people.models import Team
from agents.runs.models import Hold
from agents.runs.queries import health
from agents.runs.queries.lanes import Waiting, together, waiting
from agents.runs.queries.traces import account_of
from console.health import CANARY_LIMIT


@dataclass(frozen=True)
class Fact:
    """`good` None: neither good nor bad, only so."""

    label: str | Promise
    value: str
    good: bool | None = None
    says: str = ""


def system() -> list[Fact]:
    """Services, queues, and what is or is not enforced."""
    return [_database(), _redis(), *_queues(), *_lanes(), _append_only(), _model(), _egress(), _traces()]


def _database() -> Fact:
    version = connection.cursor().connection.info.server_version  # pyright: ignore
    return Fact("PostgreSQL", f"{version // 10000}.{version % 10000}", True)


def _redis() -> Fact:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.exceptions.RedisError:
        return Fact("Redis", _("does not answer"), False, _("runs wait; none is lost"))
    finally:
        client.close()
    return Fact("Redis", _("answers"), True)


def _queues() -> list[Fact]:
    return [_queue(name, age) for name, age in health().items()]


def _queue(name: str, age: float | None) -> Fact:
    label = _("Queue %(name)s") % {"name": name}
    if age is None:
        return Fact(label, _("no worker seen"), False)
    seen = _("consumed %(age)d s ago") % {"age": age}
    return Fact(label, seen, age <= CANARY_LIMIT)


def _lanes() -> list[Fact]:
    """How much waits in each lane, whoever's, and whether it is held so that another goes first."""
    held = {hold.lane: spoken(hold.reason) for hold in Hold.objects.filter(ended_at=None, team=None)}
    return [_lane(row, held.get(row.lane, "")) for row in together(waiting()).values()]


def _lane(row: Waiting, why: str) -> Fact:
    label = _("Waits: %(lane)s") % {"lane": row.lane.label}
    said = _("%(n)d, the oldest for %(seconds)d s") % {"n": row.n, "seconds": row.oldest_s} if row.n else "0"
    return Fact(label, said, False if why else None, _("held, because %(why)s") % {"why": why} if why else "")


def _append_only() -> Fact:
    label = gettext_lazy("Trail append-only")
    if settings.DATABASE_APP_ROLE:
        return Fact(label, _("enforced by role and trigger"), True)
    return Fact(label, _("by trigger only"), False, _("give DATABASE_OWNER_URL a role of its own"))


def _model() -> Fact:
    label = gettext_lazy("Language model")
    if settings.MODEL_IS_REHEARSAL:
        return Fact(label, _("rehearsal"), None, _("a stand-in, not intelligence: set OPENAI_API_KEY for a real one"))
    return Fact(label, settings.OPENAI_BASE_URL)


def _egress() -> Fact:
    allowed = ", ".join(settings.EGRESS_ALLOW)
    return Fact(gettext_lazy("May also connect to"), allowed or _("nowhere but public addresses"))


def _traces() -> Fact:
    """The host alone: an address may carry a key."""
    host = urlsplit(settings.OTLP_TRACES_ENDPOINT).netloc.rpartition("@")[2]
    return Fact(gettext_lazy("Traces of runs leave to"), host or _("nobody"))


def storage(team: Team) -> Fact:
    """What the texts of the team's steps take, as last night's account has it."""
    found, label = account_of(team), gettext_lazy("Texts of steps")
    if found is None:
        return Fact(label, _("not measured yet"))
    cost = _("%(cost)s a month") % {"cost": format_money(found.cost_micros, "USD")} if found.cost_micros else ""
    gone = (
        _("those of runs that ended until %(day)s are gone") % {"day": date_format(found.until)} if found.until else ""
    )
    return Fact(label, filesizeformat(found.kept_bytes), None, "; ".join(part for part in (cost, gone) if part))

"""Connecting an agent to its system, trying that, and letting it go."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.hooks import notify
from agents.base.http import check_url
from agents.base.models import Secret
from agents.connectors import verbs
from agents.connectors.contract import Adapter, Health, VendorError
from agents.connectors.enums import ConnectionState
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.connectors.registry import ADAPTERS, of
from agents.fleet.enums import Vendor, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.models import User
from audit.actions import record

LONGEST = 2000
"""Characters of a setting or a credential."""


@transaction.atomic
def connect(
    agent: Agent,
    *,
    actor: User,
    base_url: str = "",
    settings: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    every_s: int = 900,
    quiet_after_s: int | None = None,
) -> Connection:
    """How the agent is reached from now on. A credential left empty stays as it is; none is ever shown again.

    Another address than before needs every credential again and forgets that a test has passed. Raises NotAllowed, or
    Invalid with `fields`.
    """
    require(actor, agent, Verb.CONFIGURE)
    [locked] = lock_agents([agent])
    kind = ADAPTERS[Vendor(locked.vendor)]
    if not (kind.secrets or kind.base_url or kind.options):
        raise Invalid(_("An agent of this kind needs no connection."), "no_connection")
    connection = Connection.objects.filter(agent=locked).first() or Connection(agent=locked)
    known = _addresses(connection, kind)
    connection.base_url = _address(base_url.strip(), kind)
    connection.settings = _known(settings or {}, kind.options, "settings")
    connection.every_s, connection.quiet_after_s = max(every_s, 60), quiet_after_s
    connection.next_sync_at = timezone.now()
    keys = _known(secrets or {}, dict.fromkeys(kind.secrets, ""), "secrets")
    if _addresses(connection, kind) != known:
        _insist_on_keys(connection, keys)
        connection.tested_at, connection.state = None, ConnectionState.UNTRIED
    connection.save()
    _keep(connection, keys)
    _record(verbs.CONNECTION_SET, connection, actor, base_url=connection.base_url, secrets=sorted(secrets or {}))
    return connection


def _address(given: str, kind: type[Adapter]) -> str:
    """Where its API is; empty for the vendor's own address, where it has one."""
    if not (given or kind.base_url):
        raise Invalid(_("Say where its API is."), fields={"base_url": [_("Say where its API is.")]})
    return check_url(given) if given else ""


def _addresses(connection: Connection, kind: type[Adapter]) -> set[str]:
    """Wherever its credentials go: a setting may be an address too."""
    return {connection.base_url or kind.base_url, *(said for said in connection.settings.values() if "://" in said)}


def _insist_on_keys(connection: Connection, keys: Mapping[str, str]) -> None:
    """What somebody gave for one address goes to no other because somebody else wrote that down."""
    kept = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=connection.pk).exclude(name__in=keys)
    if names := list(kept.values_list("name", flat=True)):
        needed = _("Another address needs its credentials again.")
        raise Invalid(needed, "keys", {name: [needed] for name in names})


@transaction.atomic
def disconnect(connection: Connection, *, actor: User) -> None:
    """The agent is no longer reached, and its credentials are gone. What it has done stays. Raises NotAllowed."""
    require(actor, connection.agent, Verb.CONFIGURE)
    _record(verbs.CONNECTION_REMOVED, connection, actor, base_url=connection.base_url)
    Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=connection.pk).delete()
    connection.delete()


def try_connection(connection: Connection, *, actor: User) -> Health:
    """Ask the system something harmless now; the result is kept. Raises NotAllowed, VendorError."""
    require(actor, connection.agent, Verb.CONFIGURE)
    found: Adapter = of(connection.agent, connection)
    try:
        health = found.health()
    except VendorError as error:
        _note(connection, actor, tested_at=None, problem=error.kind, error=error.message[:300])
        raise
    passed = {"tested_at": timezone.now(), "tested_ms": health.took_ms, "tested_rehearsal": health.rehearsal}
    state = {"state": ConnectionState.CONNECTED, "state_since": timezone.now()}
    changed = {} if connection.state == ConnectionState.CONNECTED else state
    _note(connection, actor, problem="", error="", **passed, **changed)
    return health


@transaction.atomic
def _note(connection: Connection, actor: User, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(connection, name, value)
    connection.save(update_fields=list(columns))
    told = {"passed": connection.tested_at is not None, "rehearsal": connection.tested_rehearsal}
    _record(verbs.CONNECTION_TESTED, connection, actor, problem=connection.problem, **told)


def _known(given: Mapping[str, str], names: Mapping[str, str], place: str) -> dict[str, str]:
    """What was given of these names. Raises Invalid for any other, and for what is too long."""
    bad = {name: [_("Nothing is called so here.")] for name in given if name not in names}
    bad |= {name: [_("Too long.")] for name, value in given.items() if len(value) > LONGEST}
    if bad:
        raise Invalid(_("The connection cannot be kept like this."), place, bad)
    return {name: value.strip() for name, value in given.items() if value.strip()}


def _keep(connection: Connection, secrets: Mapping[str, str]) -> None:
    for name, value in secrets.items():
        found = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=connection.pk, name=name).first()
        row = found or Secret(owner_type=OWNER_TYPE, owner_id=connection.pk, name=name)
        row.value = value
        row.save()


def _record(verb: str, connection: Connection, actor: User, **data: Any) -> None:
    agent = connection.agent
    record(verb, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **data)
    notify("fleet")

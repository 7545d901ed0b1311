"""Preparing a version: begun, edited by people who may meet each other, validated with the warnings signed for."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.base.untrusted import INVISIBLE
from agents.fleet.models import Agent
from agents.people.clean import clean
from agents.people.models import Team, User
from audit.actions import record
from campaigns import verbs
from campaigns.checks import Problem, problems
from campaigns.enums import VersionState
from campaigns.models import Campaign, ContextVersion
from campaigns.permissions import require_campaigner
from campaigns.rendering import renderings

FACTS = (
    "offer",
    "price_micros",
    "currency",
    "valid_from",
    "valid_to",
    "zone",
    "audience",
    "say",
    "never_say",
    "claims",
    "links",
    "languages",
    "wordings",
    "brief",
    "applies_to",
)
"""What people write about a version; the keywords of `create_campaign` and `edit_draft`."""
FIRST_YEAR, LAST_YEAR = 2000, 2999
"""Beyond, a time has no place in some zone's calendar."""


@transaction.atomic
def create_campaign(team: Team, *, actor: User, name: str, **facts: Any) -> ContextVersion:
    """A campaign with the draft of its first version. Raises `NotAllowed`, `Invalid`."""
    require_campaigner(actor, team)
    campaign = Campaign(team=team, name=name.strip(), created_by=actor)
    clean(campaign, "name")
    if INVISIBLE.search(campaign.name):
        _refuse("name", _("It holds a character that nobody sees: type it anew."))
    campaign.save(force_insert=True)
    record(verbs.CAMPAIGN_CREATED, actor=actor.actor, team_id=team.pk, obj=campaign)
    given = {"currency": team.currency, "zone": team.zone, **facts}
    return _begin(ContextVersion(campaign=campaign, number=1, created_by=actor), actor, given)


@transaction.atomic
def begin_version(campaign: Campaign, *, actor: User) -> ContextVersion:
    """A draft with the facts of the newest version; the one that is in preparation already, if there is one."""
    require_campaigner(actor, campaign.team)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    last = campaign.versions.order_by("-number").first()
    if last and last.in_preparation:
        return last
    live = campaign.versions.filter(state=VersionState.LIVE).first()
    base = live or last
    number = (campaign.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    facts = {name: getattr(base, name) for name in FACTS} if base else {}
    # Revisions go on: a form that is still open on the last version must not fit the next one.
    revision = last.revision + 1 if last else 1
    draft = ContextVersion(campaign=campaign, number=number, revision=revision, supersedes=live, created_by=actor)
    return _begin(draft, actor, facts)


def _begin(version: ContextVersion, actor: User, facts: dict[str, Any]) -> ContextVersion:
    _write(version, facts)
    version.save(force_insert=True)
    _record(verbs.VERSION_DRAFTED, version, actor, facts=facts)
    return version


@transaction.atomic
def edit_draft(version: ContextVersion, *, actor: User, revision: int | None = None, **facts: Any) -> ContextVersion:
    """The draft with these facts changed; a validated one is a draft again. With `revision`, only if nobody has edited
    it since. Raises `NotAllowed`, `Invalid`, `Conflict` (`not_a_draft`, `edited_meanwhile`).
    """
    version = locked(version, actor)
    if not version.in_preparation:
        raise Conflict(_("This version was broadcast: begin a new one."), "not_a_draft")
    if revision is not None and revision != version.revision:
        raise Conflict(_("Somebody has edited this version in the meantime."), "edited_meanwhile")
    changed = {name: facts[name] for name in facts if facts[name] != getattr(version, name)}
    before = {name: getattr(version, name) for name in changed}
    _write(version, changed)
    if changed:
        _to_draft(version)
        version.edited_by = actor
        version.save()
        _record(verbs.DRAFT_EDITED, version, actor, facts=changed, before=before, revision=version.revision)
    return version


def _write(version: ContextVersion, facts: dict[str, Any]) -> None:
    if unknown := facts.keys() - set(FACTS):
        raise TypeError(f"A version has no {', '.join(sorted(unknown))}.")
    for name, value in facts.items():
        setattr(version, name, value)
    clean(version, *facts)
    if version.price_micros is not None and version.price_micros < 0:
        _refuse("price_micros", _("The amount may not be negative."))
    for name in ("valid_from", "valid_to"):
        if (at := getattr(version, name)) and (problem := year_problem(at)):
            _refuse(name, problem)


def year_problem(at: dt.datetime) -> str:
    """Why a version neither begins nor ends then; empty: it may."""
    fits = FIRST_YEAR <= at.year <= LAST_YEAR
    return "" if fits else _("Give a year from %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}


def _refuse(field: str, problem: str) -> NoReturn:
    raise Invalid(problem, fields={field: [problem]})


def _to_draft(version: ContextVersion) -> None:
    version.revision += 1
    version.edited_at = timezone.now()
    if version.state != VersionState.DRAFT:
        version.state, version.state_since = VersionState.DRAFT, timezone.now()
        version.signed, version.validated_by = [], None


@transaction.atomic
def validate_version(
    version: ContextVersion,
    agents: Iterable[Agent],
    *,
    actor: User,
    signed: Iterable[str] = (),
    excluded: Mapping[Agent, str] = MappingProxyType({}),
    canaries: Collection[Agent] = (),
    auto_release: bool = False,
) -> ContextVersion:
    """The version, ready for these agents. `signed`: the keys of the warnings that the actor takes upon himself. Who is
    left out and who is told first is kept for a second person to see, and for the broadcast after.

    Raises `NotAllowed`; `Invalid` with every error; `Conflict` (`unsigned`, `not_a_draft`).
    """
    version = locked(version, actor)
    if not version.in_preparation:
        raise Conflict(_("This version was broadcast: begin a new one."), "not_a_draft")
    version.signed = check(version, agents, signed)
    version.recipients = {
        "excluded": {agent.slug: reason for agent, reason in with_reasons(excluded).items()},
        "canaries": [agent.slug for agent in canaries],
        "auto_release": auto_release,
    }
    version.state, version.state_since, version.validated_by = VersionState.VALIDATED, timezone.now(), actor
    version.save(update_fields=["state", "state_since", "signed", "recipients", "validated_by"])
    _record(verbs.VERSION_VALIDATED, version, actor, signed=version.signed, **version.recipients)
    return version


def with_reasons(excluded: Mapping[Agent, str]) -> dict[Agent, str]:
    """Who is left out, and why. Raises `Invalid` for somebody without a reason."""
    for agent, reason in excluded.items():
        if not reason.strip():
            _refuse("agents", _("Say why %(agent)s is left out.") % {"agent": agent})
    return {agent: reason.strip()[:300] for agent, reason in excluded.items()}


def check(version: ContextVersion, agents: Iterable[Agent], signed: Iterable[str]) -> list[dict[str, str]]:
    """The warnings that stand, all signed for. Raises `Invalid` for errors, `Conflict` (`unsigned`) for the others."""
    found = problems(version, renderings(version, agents))
    if errors := [problem for problem in found if problem.level == "error"]:
        raise Invalid(_("It cannot be broadcast like this."), "errors", _by_field(errors))
    taken = set(signed)
    if open_ones := [problem for problem in found if problem.key not in taken]:
        said = {"warnings": " ".join(problem.text for problem in open_ones)}
        raise Conflict(_("Sign for what was warned of: %(warnings)s") % said, "unsigned")
    return [{"key": problem.key, "text": problem.text} for problem in found]


def _by_field(errors: list[Problem]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in errors:
        fields.setdefault(problem.field or "version", []).append(problem.text)
    return fields


def locked(version: ContextVersion, actor: User) -> ContextVersion:
    """The version, fresh and held; the campaign is held first. Raises `NotAllowed`."""
    require_campaigner(actor, hold(version.campaign_id).team)
    return ContextVersion.objects.select_related("campaign__team", "supersedes").get(pk=version.pk)


def hold(campaign_id: uuid.UUID) -> Campaign:
    """The campaign, until the transaction ends: whoever changes what is in force waits for whoever does already."""
    return Campaign.objects.select_for_update(no_key=True).select_related(None).get(pk=campaign_id)


def _record(verb: str, version: ContextVersion, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=version.campaign.team_id, obj=version, state=version.state, **data)
    notify("campaigns")

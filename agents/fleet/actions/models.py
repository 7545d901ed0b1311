"""Models at endpoints of the team's own, beside the one that the environment names (R-175)."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.http import check_url
from agents.fleet import verbs
from agents.fleet.enums import Tier
from agents.fleet.models import Endpoint, Model, Price
from agents.people.clean import clean
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from agents.people.permissions import PEOPLE_ROLES, require_people_role
from audit.actions import record

MOST_MICROS = 10**12


@transaction.atomic
def add_model(
    team: Team,
    *,
    provider: str,
    base_url: str,
    key: str,
    name: str,
    tier: Tier,
    input_micros: int,
    output_micros: int,
    actor: User,
    context_window: int | None = None,
) -> Model:
    """Flows may call this model from their next step on; prices are micro-units of USD for a million tokens.

    A provider of that name gets this address and, unless it is empty, this key; another address needs its key again.
    A model of that name at the same provider is put right. Raises NotAllowed, Invalid, Conflict (`taken`) where another
    provider has the name.
    """
    require_people_role(actor, team.pk, *PEOPLE_ROLES[1:])
    lock_teams([team.pk])
    said = Model(team=team, name=name.strip(), tier=tier, context_window=context_window)
    clean(said, "name", "tier", *(["context_window"] if context_window is not None else []))
    endpoint = _endpoint(Endpoint(team=team, name=provider.strip(), base_url=base_url.strip().rstrip("/")), key)
    if Model.objects.filter(team=team, name=said.name).exclude(endpoint=endpoint).exists():
        raise Conflict(_("A model of this name is called at another provider."), "taken")
    held = {"endpoint": endpoint, "provider": endpoint.name, "tier": tier, "context_window": context_window}
    model, _made = Model.objects.update_or_create(team=team, name=said.name, defaults={**held, "is_active": True})
    prices = {"input_micros": input_micros, "output_micros": output_micros}
    _price(model, prices)
    told = {"name": model.name, "provider": endpoint.name, "base_url": endpoint.base_url, "tier": str(tier), **prices}
    record(verbs.MODEL_ADDED, actor=actor.actor, team_id=team.pk, obj=model, **told)  # type: ignore[arg-type]
    return model


@transaction.atomic
def end_model(model: Model, *, actor: User) -> None:
    """No step calls it any more; what it did stays. Ended twice, nothing happens. Raises NotAllowed."""
    require_people_role(actor, model.team_id, *PEOPLE_ROLES[1:])
    if Model.objects.filter(pk=model.pk, is_active=True).update(is_active=False):
        record(verbs.MODEL_ENDED, actor=actor.actor, team_id=model.team_id, obj=model, name=model.name)


def _endpoint(said: Endpoint, key: str) -> Endpoint:
    """As it is said to be, with this key or, where that is empty, the one it has: which goes nowhere else."""
    clean(said, "name", "base_url")
    _check_address(said.base_url)
    endpoint = Endpoint.objects.filter(team=said.team, name=said.name).first() or said
    if not key and (endpoint is said or endpoint.base_url != said.base_url):
        needed = _("A new provider, or another address of one, needs its key.")
        raise Invalid(needed, fields={"key": [needed]})
    endpoint.base_url = said.base_url
    if key:
        endpoint.key = key
    endpoint.save()
    return endpoint


def _check_address(base_url: str) -> None:
    try:
        check_url(base_url)
    except Invalid as refused:
        raise Invalid(refused.message, refused.code, {"base_url": [refused.message]}) from None


def _price(model: Model, prices: Mapping[str, int]) -> None:
    """In force from today; what was paid before stays as it was."""
    wrong = {name: [_("From 0 up.")] for name, value in prices.items() if not 0 <= value <= MOST_MICROS}
    if wrong:
        raise Invalid(_("Please correct what is marked."), fields=wrong)
    Price.objects.update_or_create(model=model, since=timezone.now().date(), defaults=prices)

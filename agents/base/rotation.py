"""Moving every secret to the current key, while others read and write."""

from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from agents.base.fields import EncryptedField, Token, current_key, encrypt


def rotate_keys() -> int:
    """Encrypts anew what is not under the first of ENCRYPTION_KEYS; returns how many secrets that were.

    Raises `Undecipherable` for a secret that does not open, and then has changed none of its table. The old key may go
    once this returns 0.
    """
    return sum(
        _rotate(model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedField)
    )


def _rotate(model: type[models.Model], field: EncryptedField) -> int:
    old = _tokens(model, field).exclude(token__startswith=f"{current_key()}:")
    with transaction.atomic():
        return sum(_renew(row, field) for row in old.iterator(chunk_size=500))


def _tokens(model: type[models.Model], field: EncryptedField) -> models.QuerySet[Any]:
    return model._base_manager.annotate(token=Cast(field.attname, models.TextField()))


def _renew(row: models.Model, field: EncryptedField) -> int:
    token: Token = row.__dict__[field.attname]
    renewed = encrypt(getattr(row, field.attname).reveal(), field.aad(row))
    # Only if nobody wrote a new secret meanwhile.
    same = _tokens(type(row), field).filter(pk=row.pk, token=str(token))
    return same.update(**{field.attname: renewed})

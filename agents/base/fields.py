"""The one secret type: encrypted at rest, bound to its row, write-only for everybody who only looks.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce. The additional data names table, column and row, so a
ciphertext moved elsewhere does not open. A value reads `key id:base64(nonce + ciphertext)`; the first key of
ENCRYPTION_KEYS is current.
"""

import base64
import binascii
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute

NONCE = 12
# The stubs' parameters do not exist at run time.
if TYPE_CHECKING:
    _Text = models.TextField[Any, Any]
else:
    _Text = models.TextField


class Undecipherable(Exception):
    """A secret that does not open here: its key is gone from ENCRYPTION_KEYS, or it was moved or changed."""


class Token(str):
    """What the database holds."""


class Sealed:
    """What code that only looks gets: it shows nothing, `reveal()` opens it."""

    __slots__ = ("_aad", "_content")

    def __init__(self, content: str, aad: bytes) -> None:
        self._content, self._aad = content, aad

    def reveal(self) -> str:
        """The secret; raises `Undecipherable`."""
        return decrypt(self._content, self._aad) if isinstance(self._content, Token) else self._content

    def __repr__(self) -> str:
        return "••••"


@cache
def _keys(text: str) -> dict[str, AESGCM]:
    try:
        pairs = (entry.strip().split(":", 1) for entry in text.split(",") if entry.strip())
        keys = {name: AESGCM(base64.b64decode(secret, validate=True)) for name, secret in pairs if name}
    except (ValueError, binascii.Error):
        keys = {}
    if not keys:
        raise ImproperlyConfigured("ENCRYPTION_KEYS must look like name:base64 of 32 bytes, the current one first.")
    return keys


def current_key() -> str:
    """The id of the key that new secrets are encrypted with."""
    return next(iter(_keys(settings.ENCRYPTION_KEYS)))


def encrypt(secret: str, aad: bytes) -> Token:
    """`secret` under the current key, bound to `aad`."""
    name, nonce = current_key(), os.urandom(NONCE)
    sealed = _keys(settings.ENCRYPTION_KEYS)[name].encrypt(nonce, secret.encode(), aad)
    return Token(f"{name}:{base64.b64encode(nonce + sealed).decode()}")


def decrypt(token: str, aad: bytes) -> str:
    """The reverse of `encrypt`; raises `Undecipherable`."""
    name, _, content = token.partition(":")
    key = _keys(settings.ENCRYPTION_KEYS).get(name)
    if key is None:
        raise Undecipherable(f"The key {name!r} is not in ENCRYPTION_KEYS.")
    try:
        raw = base64.b64decode(content, validate=True)
        return key.decrypt(raw[:NONCE], raw[NONCE:], aad).decode()
    except (InvalidTag, ValueError):
        raise Undecipherable("This secret was changed or moved from where it was written.") from None


class _Attribute(DeferredAttribute):
    """Reading gives a `Sealed`; assigning text gives the row a new secret on its next save."""

    field: "EncryptedField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        content = super().__get__(instance, cls)
        return content if instance is None or content is None else Sealed(content, self.field.aad(instance))

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value._content if isinstance(value, Sealed) else value


class EncryptedField(_Text):
    """Text that only `reveal()` shows: not to be looked up, nor written by `update()`. Assign it and save the row."""

    descriptor_class = _Attribute

    def aad(self, instance: models.Model) -> bytes:
        """Where this secret lives."""
        return f"{instance._meta.db_table}.{self.column}:{instance.pk}".encode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Token | None:
        return None if value is None else Token(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        content = model_instance.__dict__[self.attname]
        if content is not None and not isinstance(content, Token):
            content = encrypt(content, self.aad(model_instance))
            model_instance.__dict__[self.attname] = content
        return content

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, Token):
            return value
        raise TypeError("A secret is written by assigning it to its row and saving that; it cannot be searched for.")

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def formfield(self, **kwargs: Any) -> None:
        """None: a model form would show what it must not and save what it showed."""

    def value_to_string(self, obj: models.Model) -> str:
        return str(obj.__dict__[self.attname] or "")

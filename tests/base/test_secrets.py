"""G39: secrets are unreadable at rest, bound to their row, write-only, and rotated while others read."""

import base64
import threading
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.forms import modelform_factory
from hypothesis import given
from hypothesis import strategies as st

from agents.base.fields import Undecipherable, current_key, decrypt, encrypt
from agents.base.ids import uuid7
from agents.base.models import Secret
from agents.base.rotation import rotate_keys
from audit.models import AuditEvent
from audit.verbs import ROTATED

CANARY = "sk-canary-4711"


def key(name: str, byte: int) -> str:
    return f"{name}:{base64.b64encode(bytes([byte]) * 32).decode()}"


OLD, NEW = key("old", 1), key("new", 2)


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = OLD


def make(value: str = CANARY, name: str = "api key") -> Secret:
    return Secret.objects.create(owner_type="fleet.Agent", owner_id=uuid7(), name=name, value=value)


def stored(secret: Secret) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM base_secret WHERE id = %s", [secret.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_the_database_never_sees_a_secret_and_only_reveal_shows_it() -> None:
    secret = make()
    read = Secret.objects.get()
    assert CANARY not in stored(secret)
    assert stored(secret).startswith("old:")
    assert CANARY not in f"{read.value} {read.value!r} {vars(read)}"
    assert (read.value.reveal(), secret.value.reveal()) == (CANARY, CANARY)


@pytest.mark.django_db
def test_the_same_secret_twice_looks_different() -> None:
    assert stored(make()) != stored(make())


@pytest.mark.django_db
def test_a_ciphertext_moved_to_another_row_does_not_open() -> None:
    mine, other = make("mine"), make("other")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE base_secret SET value = %s WHERE id = %s", [stored(mine), other.pk])
    other.refresh_from_db()
    with pytest.raises(Undecipherable, match="moved"):
        other.value.reveal()
    other.value = mine.value
    other.save()
    with pytest.raises(Undecipherable):
        Secret.objects.get(pk=other.pk).value.reveal()


@pytest.mark.django_db
def test_a_changed_ciphertext_or_a_missing_key_is_said_not_guessed(settings: Any) -> None:
    secret = make()
    for wrong in (stored(secret)[:-4] + "AAA=", "old:", "old:!!!", "", "nobody:AAAA"):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE base_secret SET value = %s", [wrong])
        with pytest.raises(Undecipherable):
            Secret.objects.get().value.reveal()
    settings.ENCRYPTION_KEYS = NEW
    with pytest.raises(Undecipherable, match="'old' is not in ENCRYPTION_KEYS"):
        secret.value.reveal()


@pytest.mark.django_db
def test_saving_a_row_again_keeps_its_secret_and_a_new_one_replaces_it() -> None:
    secret = make()
    before = stored(secret)
    read = Secret.objects.get()
    read.name = "token"
    read.save()
    assert stored(secret) == before
    read.value = "another"
    read.save(update_fields=["value"])
    assert Secret.objects.get().value.reveal() == "another"
    assert Secret.objects.defer("value").get().value.reveal() == "another"


@pytest.mark.django_db
def test_secrets_are_written_in_bulk_but_neither_searched_nor_updated_past_their_row() -> None:
    rows = [Secret(owner_type="x", owner_id=uuid7(), name="n", value=f"secret {number}") for number in range(3)]
    Secret.objects.bulk_create(rows)
    assert [secret.value.reveal() for secret in Secret.objects.order_by("pk")] == ["secret 0", "secret 1", "secret 2"]
    with pytest.raises(FieldError):
        Secret.objects.filter(value="secret 1").exists()
    with pytest.raises(TypeError):
        Secret.objects.update(value="plain")


def test_a_model_form_neither_shows_nor_takes_a_secret() -> None:
    assert list(modelform_factory(Secret, fields="__all__").base_fields) == ["owner_type", "owner_id", "name"]


@pytest.mark.parametrize("keys", ["", "old", "old:", "old:AAAA", "old:not base64!", f":{OLD}", f"{OLD},broken"])
def test_wrong_keys_are_refused_in_plain_words(keys: str, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS must look like"):
        current_key()


@given(st.text(max_size=200), st.binary(max_size=40))
def test_whatever_is_encrypted_comes_back(secret: str, aad: bytes) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    token = encrypt(secret, aad)
    assert decrypt(token, aad) == secret
    with pytest.raises(Undecipherable):
        decrypt(token, aad + b"x")


@pytest.mark.django_db(transaction=True)
def test_a_thousand_secrets_are_rotated_while_readers_read(settings: Any) -> None:
    rows = [Secret(owner_type="x", owner_id=uuid7(), name="n", value=f"secret {number}") for number in range(1000)]
    Secret.objects.bulk_create(rows)
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"
    failed, reads, done = [], [], threading.Event()

    def read() -> None:
        while not done.is_set():
            for secret in Secret.objects.order_by("?")[:50]:
                try:
                    reads.append(secret.value.reveal())
                except Undecipherable as error:
                    failed.append(error)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    done.set()
    reader.join()
    assert "1000 secrets encrypted anew under new" in out.getvalue()
    assert failed == []
    assert reads
    settings.ENCRYPTION_KEYS = NEW
    assert sorted(secret.value.reveal() for secret in Secret.objects.all()) == sorted(
        f"secret {n}" for n in range(1000)
    )
    assert rotate_keys() == 0
    assert AuditEvent.objects.get().verb == ROTATED


@pytest.mark.django_db
def test_a_secret_written_during_rotation_is_not_overwritten_by_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("first")
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"

    def meanwhile(secret: str, aad: bytes) -> Any:
        renewed = encrypt(secret, aad)
        late = Secret.objects.get()
        late.value = "second"
        late.save()
        return renewed

    monkeypatch.setattr("agents.base.rotation.encrypt", meanwhile)
    assert rotate_keys() == 0
    assert Secret.objects.get().value.reveal() == "second"

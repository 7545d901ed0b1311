"""The house of design.md §1: what import-linter cannot see."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader

from agents.people.models import User

ORDER = ["base", "audit", "people", "fleet", "runs", "flows", "connectors", "channels", "campaigns", "console"]
RANK = {label: rank for rank, label in enumerate(ORDER)}


def ours() -> list[Any]:
    return [config for config in apps.get_app_configs() if config.name.split(".")[0] in {"agents", "audit", *ORDER}]


def upward_keys(found: Iterable[type[models.Model]]) -> Iterator[str]:
    for model in found:
        for field in model._meta.get_fields(include_hidden=True):
            to = field.related_model if field.is_relation and field.concrete else None
            if to and not isinstance(to, str) and RANK.get(to._meta.app_label, -1) > RANK[model._meta.app_label]:
                yield f"{model._meta.label}.{field.name}"


def test_every_app_of_ours_has_its_place() -> None:
    assert {config.label for config in ours()} == set(RANK)


def test_no_model_holds_a_key_to_a_higher_app() -> None:
    found = [model for config in ours() for model in config.get_models(include_auto_created=True)]
    assert list(upward_keys(found)) == []


def test_a_planted_upward_key_is_caught() -> None:
    class Up(models.Model):
        run = models.ForeignKey("runs.Run", on_delete=models.CASCADE)

        class Meta:
            app_label = "people"

    try:
        assert list(upward_keys([Up])) == ["people.Up.run"]
    finally:
        del apps.all_models["people"]["up"]
        apps.clear_cache()


def test_no_migration_depends_on_a_higher_app() -> None:
    migrations = MigrationLoader(None).disk_migrations
    up = [
        f"{label}.{name} → {other}"
        for (label, name), migration in migrations.items()
        for other, _ in [*migration.dependencies, *migration.run_before]
        if RANK.get(label, 99) < RANK.get(other, -1)
    ]
    assert up == []


def test_the_trail_has_no_relations() -> None:
    relations = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("audit").get_models()
        for field in model._meta.get_fields()
        if field.is_relation
    ]
    assert relations == []


@pytest.mark.django_db
def test_the_tests_run_as_the_application_s_role() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        current, session = cursor.fetchone()
    assert (current, session) == ("console_app", "console_owner")
    assert User.objects.count() == 0

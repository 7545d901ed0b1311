"""Whatever the owner creates later, the app role may use; the audit tables take it back for themselves (audit/0001)."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import agents.base.fields
import agents.base.ids
from agents.base.tables import NewTables


def grant(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    app = settings.DATABASE_APP_ROLE
    if app is None:
        return
    role = editor.quote_name(app)
    for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
        editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {what} TO {role}")
    editor.execute(f"GRANT SELECT ON django_migrations TO {role}")


class Migration(NewTables):
    replaces = [("base", "0001_roles"), ("base", "0002_initial")]

    initial = True

    run_before = [("contenttypes", "0001_initial")]

    dependencies = []

    operations = [
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.CreateModel(
            name="IdempotentReply",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("scope", models.CharField(max_length=200)),
                ("key", models.CharField(max_length=200)),
                ("request_sha256", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.JSONField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("scope", "key"), name="one_reply_per_idempotency_key")],
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("topic", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=200)),
                ("payload", models.JSONField()),
                ("available_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("published_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("published_at", None)), fields=["available_at"], name="outbox_pending"
                    ),
                    models.Index(
                        condition=models.Q(("published_at", None)), fields=["key", "id"], name="outbox_in_order"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Secret",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("owner_type", models.CharField(max_length=60)),
                ("owner_id", models.UUIDField()),
                ("name", models.CharField(max_length=60)),
                ("value", agents.base.fields.EncryptedField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner_type", "owner_id", "name"), name="one_secret_per_name")
                ],
            },
        ),
    ]

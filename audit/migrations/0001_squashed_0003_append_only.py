"""History may only grow: refused by trigger for everybody, and by role for the application (recipes: database §4)."""

import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import agents.base.ids
from agents.base.tables import NewTables

TABLES = ("audit_auditevent", "audit_seal")
# The application may not choose an event's place or time: seq, xid and at come from the database alone.
GIVEN = """id, team_id, agent_id, actor_kind, actor_id, actor_label, verb, object_type, object_id, object_label,
    correlation_id, request_id, payload_sha256"""
REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'the trail is append-only'
    USING ERRCODE = '23514', CONSTRAINT = 'audit_append_only', TABLE = TG_TABLE_NAME;
END $$
"""
# One statement each: a prepared statement takes no more.
TRIGGERS = [
    (
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION audit_refuse()",
        f"DROP TRIGGER {name} ON {table}",
    )
    for table in TABLES
    for name, when, each in (
        ("audit_no_change", "UPDATE OR DELETE", "ROW"),
        ("audit_no_truncate", "TRUNCATE", "STATEMENT"),
    )
]


def take_back(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    if settings.DATABASE_APP_ROLE is None:
        return
    role = editor.quote_name(settings.DATABASE_APP_ROLE)
    for table, columns in zip(TABLES, (f" ({GIVEN})", ""), strict=True):
        editor.execute(f"REVOKE ALL ON {table} FROM {role}")
        editor.execute(f"GRANT SELECT, INSERT{columns} ON {table} TO {role}")
    # A payload may be erased, never rewritten.
    editor.execute(f"REVOKE UPDATE, TRUNCATE ON audit_auditpayload FROM {role}")


class Migration(NewTables):
    replaces = [("audit", "0001_sequence"), ("audit", "0002_initial"), ("audit", "0003_append_only")]

    initial = True

    dependencies = [
        ("base", "0001_squashed_0002_initial"),
    ]

    operations = [
        # The trail's own counter, made before the table that draws from it.
        migrations.RunSQL("CREATE SEQUENCE audit_event_seq", "DROP SEQUENCE audit_event_seq"),
        migrations.CreateModel(
            name="AuditPayload",
            fields=[
                (
                    "event_id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("salt", models.CharField(max_length=32)),
                ("body", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("xid_from", models.BigIntegerField()),
                ("xid_to", models.BigIntegerField()),
                ("events", models.PositiveIntegerField()),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("leaves", models.BinaryField()),
                ("previous", models.CharField(max_length=64)),
                ("head", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "seq",
                    models.BigIntegerField(
                        db_default=django.db.models.expressions.RawSQL("nextval('audit_event_seq')", ()), unique=True
                    ),
                ),
                (
                    "xid",
                    models.BigIntegerField(
                        db_default=django.db.models.expressions.RawSQL("pg_current_xact_id()::text::bigint", ()),
                        db_index=True,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("team_id", models.UUIDField(null=True)),
                ("agent_id", models.UUIDField(null=True)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_label", models.CharField(max_length=200)),
                ("verb", models.CharField(max_length=60)),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.UUIDField(null=True)),
                ("object_label", models.CharField(max_length=200)),
                ("correlation_id", models.UUIDField()),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("payload_sha256", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team_id", "-seq"], name="audit_team_newest"),
                    models.Index(fields=["object_id", "-seq"], name="audit_object_newest"),
                    models.Index(fields=["agent_id", "-seq"], name="audit_agent_newest"),
                    models.Index(fields=["correlation_id"], name="audit_correlation"),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, "DROP FUNCTION audit_refuse()"),
        *(migrations.RunSQL(forward, backward) for forward, backward in TRIGGERS),
        migrations.RunPython(take_back, migrations.RunPython.noop),
    ]

"""History may only grow: refused by trigger for everybody, and by role for the application (recipes: database §4)."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

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


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]
    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION audit_refuse()"),
        *(migrations.RunSQL(forward, backward) for forward, backward in TRIGGERS),
        migrations.RunPython(take_back, migrations.RunPython.noop),
    ]

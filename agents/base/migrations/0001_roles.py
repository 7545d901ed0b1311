"""Whatever the owner creates later, the app role may use; the audit tables take it back for themselves (audit/0003)."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def grant(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    app = settings.DATABASE_APP_ROLE
    if app is None:
        return
    role = editor.quote_name(app)
    for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
        editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {what} TO {role}")
    editor.execute(f"GRANT SELECT ON django_migrations TO {role}")


class Migration(migrations.Migration):
    run_before = [("contenttypes", "0001_initial")]
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

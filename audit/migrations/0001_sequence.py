"""The trail's own counter, made before the table that draws from it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("base", "0001_roles")]
    operations = [migrations.RunSQL("CREATE SEQUENCE audit_event_seq", "DROP SEQUENCE audit_event_seq")]

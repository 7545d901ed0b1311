"""A run's events carry the run's own id: a second one said the same and was asked for by nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]
    operations = [migrations.RemoveField("run", "correlation_id")]

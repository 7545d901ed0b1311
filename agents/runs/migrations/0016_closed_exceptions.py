"""What is closed has an index of its own: among a million open exceptions, the last closed ones took half a minute."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0015_ladders_of_flows")]

    operations = [
        migrations.AddIndex(
            model_name="runexception",
            index=models.Index(
                condition=models.Q(("state", "open"), _negated=True), fields=["id"], name="exception_closed"
            ),
        ),
    ]

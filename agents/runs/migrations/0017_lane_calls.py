import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import agents.base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0018_conversations"),
    ]

    operations = [
        migrations.CreateModel(
            name="LaneCall",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("in_time", "In time"), ("late", "Late"), ("full", "No seat free")], max_length=8
                    ),
                ),
                ("within_ms", models.PositiveIntegerField()),
                ("took_ms", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lane_calls", to="runs.run"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]

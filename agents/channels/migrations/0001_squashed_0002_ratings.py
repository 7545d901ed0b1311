import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import agents.base.ids
from agents.base.tables import NewTables


class Migration(NewTables):
    replaces = [("channels", "0001_initial"), ("channels", "0002_ratings")]

    initial = True

    dependencies = [
        ("fleet", "0001_squashed_0009_visits"),
        ("people", "0001_squashed_0003_availability"),
        ("runs", "0001_squashed_0022_run_of_item"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heard",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=20, unique=True)),
                ("run_id", models.UUIDField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=64)),
                ("facts", models.JSONField(default=dict)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="people.team"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["team", "-touched_at"], name="contact_newest")],
                "constraints": [models.UniqueConstraint(fields=("team", "key"), name="one_contact_per_team_and_key")],
            },
        ),
        migrations.CreateModel(
            name="Segmentation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("why", models.CharField(max_length=300)),
                ("window_hours", models.PositiveSmallIntegerField(default=48)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="segmentations", to="people.team"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "number"), name="one_segmentation_per_number")],
            },
        ),
        migrations.CreateModel(
            name="SegmentRule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("conditions", models.JSONField(default=list)),
                ("per_day", models.PositiveIntegerField(null=True)),
                ("rest_days", models.PositiveSmallIntegerField(null=True)),
                ("why", models.CharField(max_length=300)),
                (
                    "agent",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="fleet.agent"),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="channels.segmentation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "place"), name="one_segment_rule_per_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="Touch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                ("place", models.PositiveSmallIntegerField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("as_ruled", "as the rules say"),
                            ("other_agent", "another agent’s contact"),
                            ("over_limit", "over its limit"),
                            ("no_rule", "no rule for it"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="touches", to="fleet.agent"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="touches", to="channels.contact"
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="touch", to="runs.run"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="channels.segmentation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["contact", "-at"], name="touch_of_contact"),
                    models.Index(fields=["agent", "-at"], name="touch_of_agent"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["as_ruled", "other_agent", "over_limit", "no_rule"])),
                        name="touch_verdict_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "survey",
                    models.CharField(choices=[("csat", "satisfied"), ("nps", "would recommend us")], max_length=4),
                ),
                ("score", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="runs.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "survey"), name="one_rating_per_run_and_survey"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("score__range", (1, 5)), ("survey", "csat")),
                            models.Q(("score__lte", 10), ("survey", "nps")),
                            _connector="OR",
                        ),
                        name="rating_on_its_scale",
                    ),
                ],
            },
        ),
    ]

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import agents.base.ids
from agents.base.tables import NewTables


class Migration(NewTables):
    replaces = [
        ("flows", "0001_initial"),
        ("flows", "0002_flow_terms"),
        ("flows", "0003_why_unattended"),
        ("flows", "0004_cost_reviews"),
    ]

    initial = True

    dependencies = [
        ("fleet", "0001_squashed_0009_visits"),
        ("people", "0001_squashed_0003_availability"),
    ]

    operations = [
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.team"),
                ),
                ("system", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=120)),
                ("body", models.JSONField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["body"], name="record_body", opclasses=["jsonb_path_ops"]
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "system", "kind", "key"), name="one_record_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="FlowTerms",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("seconds", models.PositiveIntegerField(null=True, verbose_name="cycle time in seconds")),
                ("resolved_percent", models.PositiveSmallIntegerField(null=True, verbose_name="share resolved")),
                (
                    "diverted_percent",
                    models.PositiveSmallIntegerField(null=True, verbose_name="share that asks a person"),
                ),
                ("runbook", models.TextField(blank=True, verbose_name="runbook")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "flow",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="terms", to="fleet.flow"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unattended_because",
                    models.CharField(blank=True, max_length=300, verbose_name="why nobody needs to look"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("owner", models.F("second_owner")), _negated=True),
                        name="a_flow_has_two_different_owners",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("diverted_percent__lte", 100), ("resolved_percent__lte", 100)),
                        name="flow_terms_are_percent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostReview",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("month", models.DateField()),
                ("figures", models.JSONField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.team"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "month"), name="one_cost_review_a_month")],
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cheaper_model", "A cheaper model"),
                            ("token_limit", "A limit of tokens"),
                            ("unused_tool", "A tool less"),
                        ],
                        max_length=20,
                    ),
                ),
                ("change", models.JSONField()),
                ("why", models.TextField()),
                ("saves_micros", models.BigIntegerField(null=True)),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a decision"),
                            ("taken", "Accepted"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="adjustments", to="flows.costreview"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import agents.base.ids
import agents.people.validators
import campaigns.models.wordings
from agents.base.tables import NewTables


class Migration(NewTables):
    replaces = [
        ("campaigns", "0001_initial"),
        ("campaigns", "0002_wordings"),
        ("campaigns", "0003_delivery_newest_by_campaign"),
        ("campaigns", "0004_recipients_of_a_version"),
    ]

    initial = True

    dependencies = [
        ("fleet", "0001_squashed_0009_visits"),
        ("people", "0001_squashed_0003_availability"),
        ("runs", "0001_squashed_0022_run_of_item"),
    ]

    operations = [
        migrations.CreateModel(
            name="Watermark",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=20, unique=True)),
                ("until", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="campaigns", to="people.team"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CampaignRules",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="campaign_rules", to="people.team"
                    ),
                ),
                (
                    "link_hosts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253),
                        blank=True,
                        default=list,
                        size=200,
                        verbose_name="hosts that may be linked",
                    ),
                ),
                (
                    "banned_terms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=200,
                        verbose_name="banned terms",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContextAllowance",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="context_allowance", to="fleet.agent"
                    ),
                ),
                ("budget", models.PositiveIntegerField(default=2000, verbose_name="characters")),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("offer", "Offer"),
                                ("price", "Price"),
                                ("validity", "Valid"),
                                ("audience", "Audience"),
                                ("say", "Say"),
                                ("never_say", "Never say"),
                                ("claims", "Approved claims"),
                                ("links", "Links"),
                                ("brief", "Brief"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="topics",
                    ),
                ),
                (
                    "shape",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("prompt", "context of a prompt"),
                            ("json", "JSON, the body of a webhook"),
                            ("field", "one line, a field of a CRM"),
                            ("plain", "plain text to paste"),
                        ],
                        max_length=10,
                        verbose_name="shape",
                    ),
                ),
                ("tone", models.CharField(blank=True, max_length=120, verbose_name="tone")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContextVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="campaigns.campaign"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("validated", "Validated"),
                            ("live", "Live"),
                            ("superseded", "Superseded"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "supersedes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="followers",
                        to="campaigns.contextversion",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("offer", models.CharField(blank=True, max_length=200, verbose_name="offer")),
                ("price_micros", models.BigIntegerField(blank=True, null=True, verbose_name="price")),
                (
                    "currency",
                    models.CharField(
                        default="USD",
                        max_length=3,
                        validators=[agents.people.validators.currency_code],
                        verbose_name="currency",
                    ),
                ),
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("valid_to", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                (
                    "zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[agents.people.validators.known_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("audience", models.CharField(blank=True, max_length=300, verbose_name="audience")),
                (
                    "say",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="say",
                    ),
                ),
                (
                    "never_say",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="never say",
                    ),
                ),
                (
                    "claims",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="approved claims",
                    ),
                ),
                (
                    "links",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="links",
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="languages",
                    ),
                ),
                ("brief", models.TextField(blank=True, max_length=10000, verbose_name="brief")),
                (
                    "applies_to",
                    models.CharField(
                        choices=[("in_flight", "everything, also what is queued already"), ("new", "new work only")],
                        default="in_flight",
                        max_length=10,
                        verbose_name="applies to",
                    ),
                ),
                ("signed", models.JSONField(default=list)),
                (
                    "validated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "edited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wordings",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        validators=[campaigns.models.wordings.known_wordings],
                        verbose_name="in other languages",
                    ),
                ),
                ("recipients", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="one_version_per_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "validated"])),
                        fields=("campaign",),
                        name="one_version_in_preparation",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "live")),
                        fields=("campaign",),
                        name="one_live_version_per_campaign",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "validated", "live", "superseded", "ended"])),
                        name="version_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_micros__isnull", True), ("price_micros__gte", 0), _connector="OR"),
                        name="price_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BroadcastRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="campaigns.contextversion",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="fleet.agent"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("accepted", "Accepted"), ("declined", "Declined")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "agent"), name="one_request_per_version_and_agent")
                ],
            },
        ),
        migrations.CreateModel(
            name="Broadcast",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="broadcasts", to="campaigns.campaign"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="broadcasts",
                        to="campaigns.contextversion",
                    ),
                ),
                (
                    "recalls",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recalled_by",
                        to="campaigns.broadcast",
                    ),
                ),
                ("auto_release", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("idempotency_key", models.CharField(max_length=200)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="one_broadcast_per_number"),
                    models.UniqueConstraint(fields=("campaign", "idempotency_key"), name="one_broadcast_per_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="campaigns.contextversion",
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "revision", "by"), name="one_approval_per_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftEditor",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="editors",
                        to="campaigns.contextversion",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "user"), name="one_seat_per_version_and_editor")
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "broadcast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exclusions", to="campaigns.broadcast"
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="fleet.agent"),
                ),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("broadcast", "agent"), name="one_exclusion_per_broadcast_and_agent")
                ],
            },
        ),
        migrations.CreateModel(
            name="Redo",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "run",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="redos", to="runs.run"),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="redos", to="campaigns.contextversion"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("superseded", "made on a version that was replaced"),
                            ("contradicts", "says otherwise than the version in force"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said", models.CharField(blank=True, max_length=200)),
                (
                    "exception",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="runs.runexception",
                    ),
                ),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "version"), name="one_redo_per_run_and_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rendering",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renderings",
                        to="campaigns.contextversion",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="fleet.agent"),
                ),
                ("language", models.CharField(max_length=10)),
                (
                    "shape",
                    models.CharField(
                        choices=[
                            ("prompt", "context of a prompt"),
                            ("json", "JSON, the body of a webhook"),
                            ("field", "one line, a field of a CRM"),
                            ("plain", "plain text to paste"),
                        ],
                        default="plain",
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("withheld", models.JSONField(default=list)),
                ("size", models.PositiveIntegerField()),
                ("budget", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "agent"), name="one_rendering_per_version_and_agent")
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "broadcast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="campaigns.broadcast"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="campaigns.campaign",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="fleet.agent"
                    ),
                ),
                (
                    "rendering",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="campaigns.rendering",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("failed", "Failed"),
                            ("sent", "Sent"),
                            ("manual_pending", "To paste by hand"),
                            ("not_applicable", "Not applicable"),
                            ("stored", "Stored"),
                            ("manual_done", "Pasted by hand"),
                            ("echoed", "Echoed"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("on_hold", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ("probe_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("fence", models.BigIntegerField(default=0)),
                ("lease_owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "exception",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="runs.runexception",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("probe_at__isnull", False)), fields=["probe_at"], name="delivery_to_probe"
                    ),
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="delivery_due"),
                    models.Index(fields=["campaign", "agent", "-number"], name="delivery_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("broadcast", "agent"), name="one_delivery_per_broadcast_and_agent"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "queued",
                                    "failed",
                                    "sent",
                                    "manual_pending",
                                    "not_applicable",
                                    "stored",
                                    "manual_done",
                                    "echoed",
                                ],
                            )
                        ),
                        name="delivery_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContextUse",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="context_uses", to="runs.run"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="campaigns.contextversion"
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="campaigns.delivery"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "version"), name="one_use_per_run_and_version")],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="receipts", to="campaigns.delivery"
                    ),
                ),
                (
                    "rung",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("failed", "Failed"),
                            ("sent", "Sent"),
                            ("manual_pending", "To paste by hand"),
                            ("not_applicable", "Not applicable"),
                            ("stored", "Stored"),
                            ("manual_done", "Pasted by hand"),
                            ("echoed", "Echoed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("evidence", models.JSONField(default=dict)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("rung", "failed"), _negated=True),
                        fields=("delivery", "rung"),
                        name="one_receipt_per_rung",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckedLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.team"),
                ),
                ("url", models.CharField(max_length=500)),
                ("problem", models.CharField(blank=True, max_length=20)),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "url"), name="one_look_per_team_and_link")],
            },
        ),
    ]

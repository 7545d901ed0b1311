import datetime

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import agents.base.ids
from agents.base.tables import NewTables

# What the queue's filters ask of an item's exception, beside its rank: one index answers them among a million.
FACETS = """
CREATE FUNCTION runs_set_facet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- What is put in by the statement that puts in its exception cannot see it, and says its facet itself.
  NEW.facet := coalesce((
    SELECT concat_ws(' ', kind, severity, CASE WHEN step_key <> '' THEN 'waits' END)
    FROM runs_runexception WHERE id = NEW.exception_id), NEW.facet);
  RETURN NEW;
END $$;;
CREATE FUNCTION runs_facet_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE runs_reviewitem SET facet = '' WHERE exception_id = NEW.id; RETURN NULL; END $$;;
CREATE TRIGGER item_facet BEFORE INSERT OR UPDATE OF facet, exception_id ON runs_reviewitem
  FOR EACH ROW EXECUTE FUNCTION runs_set_facet();;
CREATE TRIGGER exception_facet AFTER UPDATE OF kind, severity, step_key ON runs_runexception FOR EACH ROW
  WHEN ((OLD.kind, OLD.severity, OLD.step_key) IS DISTINCT FROM (NEW.kind, NEW.severity, NEW.step_key))
  EXECUTE FUNCTION runs_facet_changed()
"""
NO_FACETS = [
    "DROP TRIGGER exception_facet ON runs_runexception",
    "DROP TRIGGER item_facet ON runs_reviewitem",
    "DROP FUNCTION runs_facet_changed(), runs_set_facet()",
]


class Migration(NewTables):
    replaces = [
        ("runs", "0001_initial"),
        ("runs", "0002_kept_answers"),
        ("runs", "0003_case_of_an_assessment"),
        ("runs", "0004_covers_for"),
        ("runs", "0005_plan_of_a_run"),
        ("runs", "0006_worst_of_each_agent"),
        ("runs", "0007_memories"),
        ("runs", "0008_cost_of_all_tries"),
        ("runs", "0009_holds"),
        ("runs", "0010_threshold_kind"),
        ("runs", "0011_facet_of_an_item"),
        ("runs", "0012_samples"),
        ("runs", "0013_what_ifs"),
        ("runs", "0014_routes_of_plans"),
        ("runs", "0015_ladders_of_flows"),
        ("runs", "0016_closed_exceptions"),
        ("runs", "0018_conversations"),
        ("runs", "0017_lane_calls"),
        ("runs", "0019_deferrals"),
        ("runs", "0020_proposals"),
        ("runs", "0021_answer_by_of_a_run"),
        ("runs", "0022_run_of_item"),
    ]

    initial = True

    dependencies = [
        ("fleet", "0001_squashed_0009_visits"),
        ("people", "0001_squashed_0003_availability"),
    ]

    operations = [
        migrations.CreateModel(
            name="Canary",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("queue", models.CharField(max_length=10, unique=True)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("seen_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("run", "Run"), ("agent_day", "Agent and day"), ("team_day", "Team and day")],
                        max_length=12,
                    ),
                ),
                ("scope_id", models.UUIDField()),
                ("day", models.DateField(null=True)),
                ("cap_micros", models.BigIntegerField()),
                ("reserved_micros", models.BigIntegerField(default=0)),
                ("spent_micros", models.BigIntegerField(default=0)),
                ("overrun_micros", models.BigIntegerField(default=0)),
                ("currency", models.CharField(default="USD", max_length=3)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scope", "scope_id", "day"), name="one_budget_per_scope", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "spent_micros__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("cap_micros"), "-", models.F("reserved_micros")
                                ),
                            )
                        ),
                        name="budget_never_overspent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cap_micros__gt", 0),
                            ("overrun_micros__gte", 0),
                            ("reserved_micros__gte", 0),
                            ("spent_micros__gte", 0),
                        ),
                        name="budget_amounts_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyReview",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="fleet.agent"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("needs_change", "Needs change"),
                            ("escalated", "Escalated"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("shown_at", models.DateTimeField(null=True)),
                ("samples", models.JSONField(default=list)),
                ("in_batch", models.BooleanField(default=False)),
                ("runs", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("until__isnull", False)),
                        fields=["agent", "-until"],
                        name="review_last_decided",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "day"), name="one_review_per_agent_and_day"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("pending", "in_review"))),
                        fields=("agent",),
                        name="one_open_review_per_agent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "in_review", "approved", "needs_change", "escalated", "skipped"])
                        ),
                        name="review_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="review_window_runs_forward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationPolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalation_policies",
                        to="people.team",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalation_policies",
                        to="fleet.agent",
                    ),
                ),
                (
                    "severity",
                    models.CharField(choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")], max_length=10),
                ),
                ("number", models.PositiveIntegerField()),
                ("steps", models.JSONField()),
                ("loops", models.PositiveSmallIntegerField(default=0)),
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
                ("flow", models.SlugField(blank=True, max_length=60)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "severity", "number"), name="one_agent_ladder_per_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("agent", None)),
                        fields=("team", "flow", "severity", "number"),
                        name="one_ladder_of_a_flow_per_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("agent", None), ("flow", ""), _connector="OR"),
                        name="a_ladder_is_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="incidents", to="people.team"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                (
                    "severity",
                    models.CharField(
                        choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")], default="high", max_length=10
                    ),
                ),
                ("is_security", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("contained", "Contained"), ("resolved", "Resolved")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "commander",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("contained_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "root_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("model", "The model erred"),
                            ("instructions", "Its instructions were unclear or wrong"),
                            ("context", "Its context was stale or missing"),
                            ("knowledge", "Its knowledge was missing or out of date"),
                            ("tool", "A tool or another system failed"),
                            ("vendor", "The vendor or the connection failed"),
                            ("data", "The data was wrong or missing"),
                            ("limit", "A limit or budget was too tight"),
                            ("rule", "A rule or guardrail was wrong or too strict"),
                            ("case", "A case that belongs to people"),
                            ("false_alarm", "Nothing was wrong"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("resolution", models.TextField(blank=True)),
                ("lessons", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "number"), name="one_incident_per_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "resolved"), _negated=True),
                            models.Q(("resolved_at__isnull", False), models.Q(("root_cause", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_resolved_incident_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("resolved_at", None), ("resolved_at__gte", models.F("opened_at")), _connector="OR"
                        ),
                        name="incident_runs_forward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="runs.incident"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="IncidentTask",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tasks", to="runs.incident"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=300)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("incident", "place"), name="one_task_per_place")],
            },
        ),
        migrations.CreateModel(
            name="RankingVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ranking_versions", to="people.team"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("base", models.FloatField()),
                ("weights", models.JSONField()),
                ("decisions", models.PositiveIntegerField()),
                ("wrong", models.PositiveIntegerField()),
                ("auc", models.FloatField()),
                ("brier", models.FloatField()),
                ("shipped_auc", models.FloatField()),
                ("shipped_brier", models.FloatField()),
                ("bins", models.JSONField(default=list)),
                ("in_use", models.BooleanField(default=False)),
                ("fitted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "number"), name="one_ranking_per_number")],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="fleet.agent",
                    ),
                ),
                (
                    "flow_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="fleet.flowversion",
                    ),
                ),
                ("pattern", models.CharField(blank=True, max_length=60)),
                ("external_id", models.CharField(max_length=200, null=True)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("subject_type", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.UUIDField(null=True)),
                ("input", models.JSONField(default=dict)),
                ("result", models.JSONField(null=True)),
                ("context_text", models.TextField(blank=True)),
                ("context_sha256", models.CharField(blank=True, max_length=64)),
                (
                    "instruction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="fleet.instruction",
                    ),
                ),
                ("is_rehearsal", models.BooleanField(default=False)),
                ("source", models.CharField(blank=True, max_length=60)),
                ("flags", models.JSONField(default=list)),
                ("arrived_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("quarantined", "Quarantined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "queue",
                    models.CharField(choices=[("urgent", "Urgent"), ("bulk", "Bulk")], default="bulk", max_length=10),
                ),
                ("run_after", models.DateTimeField(null=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("fence", models.BigIntegerField(default=0)),
                ("lease_owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "signal",
                    models.CharField(blank=True, choices=[("pause", "Pause"), ("cancel", "Cancel")], max_length=10),
                ),
                ("published_at", models.DateTimeField(null=True)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("steps_done", models.PositiveIntegerField(default=0)),
                ("cost_micros", models.BigIntegerField(default=0)),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rerun_of",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="reruns", to="runs.run"
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="fires",
                        to="fleet.schedule",
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("answer_by", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "queued")), fields=["id"], name="run_queued"),
                    models.Index(condition=models.Q(("state", "running")), fields=["agent"], name="run_running"),
                    models.Index(fields=["agent", "-created_at"], name="run_agent_newest"),
                    models.Index(fields=["agent", "-state_since"], name="run_agent_changed"),
                    models.Index(
                        condition=models.Q(("arrived_at__isnull", False)),
                        fields=["agent", "arrived_at"],
                        name="run_agent_arrived",
                    ),
                    models.Index(fields=["state", "-created_at"], name="run_state_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ("done", "failed", "quarantined"))),
                        fields=["agent", "-created_at"],
                        name="run_agent_ended",
                    ),
                    models.Index(
                        condition=models.Q(("answer_by__isnull", False), ("state", "queued")),
                        fields=["queue", "answer_by"],
                        name="run_pressing",
                    ),
                    models.Index(
                        condition=models.Q(("subject_type", "item")), fields=["subject_id", "-id"], name="run_of_item"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "external_id"), name="one_run_per_external_id"),
                    models.UniqueConstraint(fields=("schedule", "due_at"), name="one_run_per_schedule_and_instant"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["queued", "running", "waiting", "done", "failed", "quarantined", "cancelled"],
                            )
                        ),
                        name="run_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", ""), ("state", "running"), _negated=True),
                            ("lease_until__isnull", False),
                            _connector="OR",
                        ),
                        name="a_running_run_has_a_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source", ""),
                            models.Q(models.Q(("state", "queued"), _negated=True), ("lease_until__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_reported_run_is_not_ours_to_run",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reservations", to="runs.budget"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reservations", to="runs.run"
                    ),
                ),
                ("fence", models.BigIntegerField()),
                ("step_key", models.CharField(max_length=200)),
                ("amount_micros", models.BigIntegerField()),
                ("spent_micros", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("run", "step_key", "budget"),
                        name="one_open_reservation_per_step",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Output",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outputs", to="runs.run"
                    ),
                ),
                ("step_key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=40)),
                ("content", models.TextField()),
                ("data", models.JSONField(default=dict)),
                ("pass_record", models.JSONField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "step_key"), name="one_output_per_step"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_at__isnull", True), ("pass_record__isnull", False), _connector="OR"
                        ),
                        name="no_publication_without_pass_record",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assessment", to="runs.run"
                    ),
                ),
                ("signals", models.JSONField(default=dict)),
                ("p_wrong", models.FloatField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("case", models.JSONField(null=True)),
                ("drawn", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("p_wrong__gte", 0), ("p_wrong__lte", 1)), name="p_wrong_is_a_probability"
                    )
                ],
                "indexes": [models.Index(condition=models.Q(("drawn", True)), fields=["-at"], name="assessment_drawn")],
            },
        ),
        migrations.CreateModel(
            name="Runbook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runbooks", to="people.team"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approval", "Approval"),
                            ("question", "Question"),
                            ("guardrail", "Guardrail"),
                            ("handoff", "Handoff"),
                            ("failure", "Failure"),
                            ("unknown_effect", "Effect with unknown outcome"),
                            ("replay_mismatch", "Changed since it began"),
                            ("budget", "Budget"),
                            ("quarantine", "Quarantine"),
                            ("owners", "Owners"),
                            ("silence", "Silence"),
                            ("sync_failed", "Sync failed"),
                            ("stale_context", "Stale context"),
                            ("check_in", "Manual check-in"),
                            ("threshold", "Threshold"),
                            ("sample", "Sample"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
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
                "constraints": [
                    models.UniqueConstraint(fields=("team", "kind", "number"), name="one_runbook_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="RunException",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="fleet.agent"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="runs.run"
                    ),
                ),
                ("step_key", models.CharField(blank=True, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approval", "Approval"),
                            ("question", "Question"),
                            ("guardrail", "Guardrail"),
                            ("handoff", "Handoff"),
                            ("failure", "Failure"),
                            ("unknown_effect", "Effect with unknown outcome"),
                            ("replay_mismatch", "Changed since it began"),
                            ("budget", "Budget"),
                            ("quarantine", "Quarantine"),
                            ("owners", "Owners"),
                            ("silence", "Silence"),
                            ("sync_failed", "Sync failed"),
                            ("stale_context", "Stale context"),
                            ("check_in", "Manual check-in"),
                            ("threshold", "Threshold"),
                            ("sample", "Sample"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")],
                        default="medium",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("detail", models.TextField(blank=True)),
                ("evidence", models.JSONField(default=dict)),
                ("schema", models.JSONField(default=dict)),
                ("proposal", models.JSONField(null=True)),
                ("proposal_sha256", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("resolved", "Resolved"), ("expired", "Expired")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("answer", models.JSONField(null=True)),
                ("cause", models.CharField(blank=True, max_length=80)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "root_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("model", "The model erred"),
                            ("instructions", "Its instructions were unclear or wrong"),
                            ("context", "Its context was stale or missing"),
                            ("knowledge", "Its knowledge was missing or out of date"),
                            ("tool", "A tool or another system failed"),
                            ("vendor", "The vendor or the connection failed"),
                            ("data", "The data was wrong or missing"),
                            ("limit", "A limit or budget was too tight"),
                            ("rule", "A rule or guardrail was wrong or too strict"),
                            ("case", "A case that belongs to people"),
                            ("false_alarm", "Nothing was wrong"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("root_cause_note", models.CharField(blank=True, max_length=300)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="exceptions",
                        to="runs.incident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["agent", "-opened_at"], name="exception_open"
                    ),
                    models.Index(fields=["agent", "fingerprint", "id"], name="exception_again"),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["agent", "fingerprint", "id"],
                        name="exception_alike",
                    ),
                    models.Index(fields=["agent", "opened_at"], name="exception_by_time"),
                    models.Index(
                        condition=models.Q(("state", "open"), _negated=True), fields=["id"], name="exception_closed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("run", "step_key", "kind"),
                        name="one_open_exception_per_step",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__isnull", True), ("kind", "approval"), _connector="OR"),
                        name="only_approvals_expire",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("root_cause", "other"), _negated=True),
                            models.Q(("root_cause_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="another_cause_is_told",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="review_items", to="fleet.agent"
                    ),
                ),
                (
                    "exception",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="item",
                        to="runs.runexception",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("claimed", "Claimed"),
                            ("held", "Held for a second person"),
                            ("snoozed", "Snoozed"),
                            ("decided", "Decided"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("rank", models.FloatField(default=0)),
                ("rank_reason", models.CharField(blank=True, max_length=300)),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("escalate_at", models.DateTimeField(null=True)),
                ("hops", models.PositiveSmallIntegerField(default=0)),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("claimed_until", models.DateTimeField(null=True)),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "covers_for",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("facet", models.CharField(blank=True, db_default="", default="", editable=False, max_length=40)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "decided"), _negated=True),
                        fields=["-rank", "created_at"],
                        name="item_by_rank",
                    ),
                    models.Index(condition=models.Q(("state", "open")), fields=["escalate_at"], name="item_to_hand_on"),
                    models.Index(
                        condition=models.Q(("covers_for__isnull", False)), fields=["covers_for"], name="item_covered"
                    ),
                    models.Index(
                        condition=models.Q(models.Q(("state", "decided"), _negated=True), ("exception__isnull", False)),
                        fields=["agent", "-rank", "id"],
                        name="item_of_agent",
                    ),
                    models.Index(
                        condition=models.Q(models.Q(("state", "decided"), _negated=True), ("exception__isnull", False)),
                        fields=["agent", "facet", "-rank", "id"],
                        name="item_of_facet",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="runs.reviewitem"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("at",),
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.team"),
                ),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(fields=("user", "team", "name"), name="one_saved_view_per_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingRule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="standing_rules", to="fleet.agent"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approval", "Approval"),
                            ("question", "Question"),
                            ("guardrail", "Guardrail"),
                            ("handoff", "Handoff"),
                            ("failure", "Failure"),
                            ("unknown_effect", "Effect with unknown outcome"),
                            ("replay_mismatch", "Changed since it began"),
                            ("budget", "Budget"),
                            ("quarantine", "Quarantine"),
                            ("owners", "Owners"),
                            ("silence", "Silence"),
                            ("sync_failed", "Sync failed"),
                            ("stale_context", "Stale context"),
                            ("check_in", "Manual check-in"),
                            ("threshold", "Threshold"),
                            ("sample", "Sample"),
                        ],
                        max_length=20,
                    ),
                ),
                ("conditions", models.JSONField()),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("approve", "Approve"),
                            ("edit", "Edit"),
                            ("reject", "Reject"),
                            ("respond", "Respond"),
                            ("ignore", "Ignore"),
                            ("escalate", "Escalate"),
                            ("skip", "Skip"),
                            ("needs_change", "Needs change"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("payload", models.JSONField(null=True)),
                (
                    "root_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("model", "The model erred"),
                            ("instructions", "Its instructions were unclear or wrong"),
                            ("context", "Its context was stale or missing"),
                            ("knowledge", "Its knowledge was missing or out of date"),
                            ("tool", "A tool or another system failed"),
                            ("vendor", "The vendor or the connection failed"),
                            ("data", "The data was wrong or missing"),
                            ("limit", "A limit or budget was too tight"),
                            ("rule", "A rule or guardrail was wrong or too strict"),
                            ("case", "A case that belongs to people"),
                            ("false_alarm", "Nothing was wrong"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("most_a_day", models.PositiveSmallIntegerField()),
                ("most_micros", models.BigIntegerField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a second person"),
                            ("active", "In force"),
                            ("revoked", "Revoked"),
                            ("stopped", "Stopped by itself"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("why", models.CharField(blank=True, max_length=300)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("replay", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "active")), fields=["agent", "kind"], name="rule_active")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "active"), _negated=True),
                            models.Q(
                                ("approver__isnull", False), models.Q(("approver", models.F("author")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_rule_is_two_people_s",
                    ),
                    models.CheckConstraint(condition=models.Q(("most_a_day__gt", 0)), name="a_rule_has_a_limit"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="runs.reviewitem",
                    ),
                ),
                (
                    "review",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decision",
                        to="runs.dailyreview",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approve", "Approve"),
                            ("edit", "Edit"),
                            ("reject", "Reject"),
                            ("respond", "Respond"),
                            ("ignore", "Ignore"),
                            ("escalate", "Escalate"),
                            ("skip", "Skip"),
                            ("needs_change", "Needs change"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Can be undone"),
                            ("released", "In effect"),
                            ("held", "Held for a second person"),
                            ("undone", "Undone"),
                            ("refused", "Refused: it had changed"),
                        ],
                        default="released",
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("payload", models.JSONField(null=True)),
                ("proposal_sha256", models.CharField(blank=True, max_length=64)),
                ("answer_sha256", models.CharField(blank=True, max_length=64)),
                ("idempotency_key", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("releases_at", models.DateTimeField(null=True)),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="runs.standingrule",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["releases_at"], name="decision_pending"
                    ),
                    models.Index(condition=models.Q(("state", "held")), fields=["item"], name="decision_held"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "idempotency_key"), name="one_decision_per_idempotency_key"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["escalate", "skip"]), _negated=True),
                            ("state__in", ("pending", "released")),
                        ),
                        fields=("item",),
                        name="one_final_decision_per_item",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("item__isnull", False), ("review__isnull", True)),
                            models.Q(("item__isnull", True), ("review__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_decision_is_about_an_item_or_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "pending"), _negated=True),
                            ("releases_at__isnull", False),
                            _connector="OR",
                        ),
                        name="a_pending_decision_has_its_hour",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Flaw",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flaws", to="fleet.agent"
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flaw", to="runs.run"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="escapes",
                        to="runs.decision",
                    ),
                ),
                (
                    "exception",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="runs.runexception",
                    ),
                ),
                (
                    "found_by",
                    models.CharField(
                        choices=[
                            ("exception", "an exception raised about it"),
                            ("rejection", "a person who rejected it"),
                            ("person", "a person who looked at it"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["agent", "-found_at"], name="flaw_agent_newest")],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="runs.run"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("seq", models.PositiveIntegerField()),
                ("node", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=20)),
                ("effect", models.CharField(default="read", max_length=12)),
                ("branch", models.CharField(blank=True, max_length=80)),
                ("visit", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intended", "Intended"),
                            ("sent", "Sent"),
                            ("confirmed", "Confirmed"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                        ],
                        default="confirmed",
                        max_length=10,
                    ),
                ),
                ("fence", models.BigIntegerField(default=0)),
                ("input", models.JSONField(null=True)),
                ("input_sha256", models.CharField(blank=True, max_length=64)),
                ("output", models.JSONField(null=True)),
                ("error", models.TextField(blank=True)),
                ("fault", models.CharField(blank=True, max_length=60)),
                ("retry_after", models.FloatField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.TextField(blank=True)),
                ("model", models.CharField(blank=True, max_length=120)),
                ("prompt_version", models.CharField(blank=True, max_length=80)),
                ("tokens_in", models.PositiveIntegerField(default=0)),
                ("tokens_out", models.PositiveIntegerField(default=0)),
                ("cost_micros", models.BigIntegerField(default=0)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("latency_ms", models.PositiveIntegerField(default=0)),
                ("cost_center", models.CharField(blank=True, max_length=60)),
                ("use_case", models.CharField(blank=True, max_length=60)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("sunk_micros", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "key"), name="one_step_per_key")],
            },
        ),
        migrations.CreateModel(
            name="ToolUse",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tool_uses",
                        to="runs.run",
                    ),
                ),
                ("step_key", models.CharField(max_length=200)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tool_uses",
                        to="fleet.agent",
                    ),
                ),
                ("tool", models.CharField(max_length=80)),
                ("changed", models.BooleanField(default=False)),
                ("dry_run", models.BooleanField(default=False)),
                ("refused", models.CharField(blank=True, max_length=20)),
                ("amount_micros", models.BigIntegerField(default=0)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("said", models.JSONField(null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agent", "tool", "-at"], name="tool_use_newest"),
                    models.Index(
                        condition=models.Q(("changed", True)), fields=["agent", "tool", "at"], name="tool_use_changes"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "step_key"), name="one_tool_use_per_step"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("changed", False), models.Q(("dry_run", False), ("refused", "")), _connector="OR"
                        ),
                        name="refused_or_tried_changed_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bypass",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bypasses", to="fleet.agent"
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agent", "-until"], name="bypass_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("opened_at")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opened_at"), "+", models.Value(datetime.timedelta(seconds=28800))
                                ),
                            ),
                        ),
                        name="a_bypass_ends_by_itself",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=64)),
                ("model", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("data", models.JSONField(null=True)),
                ("cost_micros", models.BigIntegerField()),
                ("uses", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField()),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.team"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["until"], name="kept_answer_until")],
                "constraints": [models.UniqueConstraint(fields=("team", "key"), name="one_kept_answer_per_question")],
            },
        ),
        migrations.CreateModel(
            name="RunPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("stages", models.JSONField()),
                ("most_micros", models.BigIntegerField()),
                ("projected_micros", models.BigIntegerField(null=True)),
                ("basis", models.PositiveSmallIntegerField(default=0)),
                ("target_ms", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="plan", to="runs.run"
                    ),
                ),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("as_usual", "As usual"),
                            ("better_model", "Better models"),
                            ("cheaper_model", "Cheaper models"),
                            ("other_route", "Another route"),
                            ("person", "A person"),
                        ],
                        db_default="as_usual",
                        default="as_usual",
                        max_length=16,
                    ),
                ),
                ("signals", models.JSONField(db_default={}, default=dict)),
                ("weighed", models.JSONField(db_default=[], default=list)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Memory",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("about", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("step_key", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memories",
                        to="fleet.agent",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="memories", to="runs.run"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("answer", "Answer"), ("preference", "Preference"), ("product", "Product")],
                        default="answer",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agent", "about", "-at"], name="memory_of_contact"),
                    models.Index(fields=["agent", "-at"], name="memory_newest"),
                    models.Index(fields=["until"], name="memory_until"),
                ],
                "constraints": [models.UniqueConstraint(fields=("run", "step_key"), name="one_memory_per_step")],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("interactive", "Interactive"),
                            ("broadcast", "Broadcast"),
                            ("nightly", "Nightly"),
                            ("batch", "Batch"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("renewed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="people.team"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-since"], name="hold_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("team", "lane"),
                        name="one_hold_at_a_time",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WhatIf",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("most_micros", models.BigIntegerField()),
                ("cost_micros", models.BigIntegerField(default=0)),
                ("policy_number", models.PositiveIntegerField(null=True)),
                ("steps", models.JSONField(default=list)),
                ("outcome", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("published_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "flow_version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="fleet.flowversion",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="what_ifs", to="runs.run"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("finished_at", None)), fields=["state"], name="what_if_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)), fields=("run",), name="one_open_what_if_per_run"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("thread", models.CharField(max_length=64)),
                ("about", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="turn", to="runs.run"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["thread", "-at"], name="turn_of_thread"),
                    models.Index(
                        condition=models.Q(("about", ""), _negated=True),
                        fields=["about", "-at"],
                        name="turn_of_contact",
                    ),
                ],
            },
        ),
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
        migrations.CreateModel(
            name="Deferral",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField()),
                ("needed", models.PositiveSmallIntegerField()),
                ("left", models.PositiveSmallIntegerField()),
                ("until", models.DateTimeField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deferrals", to="runs.reviewitem"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "until"], name="deferred_of_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "day"), name="deferred_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("needed__gt", models.F("left"))), name="deferred_for_want_of_minutes"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeProposal",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=200, verbose_name="question")),
                ("text", models.TextField(max_length=5000, verbose_name="answer")),
                ("cases", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("taken", "Taken"), ("refused", "Refused")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="fleet.agent",
                    ),
                ),
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
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="proposals", to="runs.run"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["agent"], name="proposal_open")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "fingerprint"), name="one_proposal_per_question"),
                    models.CheckConstraint(
                        condition=models.Q(("state", "open"), ("decided_at__isnull", False), _connector="OR"),
                        name="a_decided_proposal_says_when",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FACETS.split(";;"), NO_FACETS),
    ]

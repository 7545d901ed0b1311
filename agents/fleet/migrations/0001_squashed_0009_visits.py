import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import agents.base.fields
import agents.base.ids
import agents.people.validators
from agents.base.tables import NewTables

# A live agent has at least two active owners, checked at commit (recipes: database §3; each part is needed).
# A seat pins its person only when it is new to them: a change of role is seen by their deactivation's own check, and
# pinning it (a primary made second) would lock people after agents, and deadlock.
# Split into single statements: a prepared statement takes no more than one.
TWO_OWNERS = """
CREATE FUNCTION fleet_check_two_owners(p_agents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE short text;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'owners may not change under repeatable read' USING ERRCODE = '25001';
  END IF;
  PERFORM 1 FROM fleet_agent WHERE id = ANY(p_agents) ORDER BY id FOR NO KEY UPDATE;
  SELECT string_agg(a.slug, ', ' ORDER BY a.slug) INTO short FROM fleet_agent a
  WHERE a.id = ANY(p_agents) AND a.lifecycle = 'live' AND 2 > (
    SELECT count(DISTINCT o.user_id) FROM fleet_agentowner o JOIN people_user u ON u.id = o.user_id
    WHERE o.agent_id = a.id AND u.is_active AND o.role IN ('primary', 'second', 'backup'));
  IF short IS NOT NULL THEN
    RAISE EXCEPTION 'live agents need two active owners: %', short
      USING ERRCODE = '23514', CONSTRAINT = 'agent_two_owners', TABLE = 'fleet_agentowner', DETAIL = short;
  END IF;
END $$;;
CREATE FUNCTION fleet_owner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM fleet_check_two_owners(ARRAY[OLD.agent_id]); RETURN NULL; END $$;;
CREATE FUNCTION fleet_agent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM fleet_check_two_owners(ARRAY[NEW.id]); RETURN NULL; END $$;;
CREATE FUNCTION fleet_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM fleet_check_two_owners(ARRAY(SELECT agent_id FROM fleet_agentowner WHERE user_id = NEW.id));
  RETURN NULL;
END $$;;
CREATE FUNCTION fleet_owner_pin_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM 1 FROM people_user WHERE id = NEW.user_id FOR SHARE; RETURN NEW; END $$;;
CREATE TRIGGER agent_owner_pin_user BEFORE INSERT ON fleet_agentowner
  FOR EACH ROW EXECUTE FUNCTION fleet_owner_pin_user();;
CREATE TRIGGER agent_owner_pin_changed BEFORE UPDATE ON fleet_agentowner FOR EACH ROW
  WHEN (OLD.user_id <> NEW.user_id OR OLD.agent_id <> NEW.agent_id)
  EXECUTE FUNCTION fleet_owner_pin_user();;
CREATE CONSTRAINT TRIGGER agent_two_owners AFTER UPDATE OR DELETE ON fleet_agentowner
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fleet_owner_changed();;
CREATE CONSTRAINT TRIGGER agent_two_owners AFTER INSERT OR UPDATE OF lifecycle ON fleet_agent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.lifecycle = 'live') EXECUTE FUNCTION fleet_agent_changed();;
CREATE CONSTRAINT TRIGGER agent_two_owners AFTER UPDATE OF is_active ON people_user
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
  EXECUTE FUNCTION fleet_user_changed()
"""
ANY_OWNERS = [
    "DROP TRIGGER agent_two_owners ON people_user",
    "DROP TRIGGER agent_two_owners ON fleet_agent",
    "DROP TRIGGER agent_two_owners ON fleet_agentowner",
    "DROP TRIGGER agent_owner_pin_changed ON fleet_agentowner",
    "DROP TRIGGER agent_owner_pin_user ON fleet_agentowner",
    "DROP FUNCTION fleet_owner_pin_user(), fleet_user_changed(), fleet_agent_changed(), fleet_owner_changed()",
    "DROP FUNCTION fleet_check_two_owners(uuid[])",
]
# Contrib modules are not part of every PostgreSQL, nor may everybody install them: without it the search is by
# whole words alone.
LIKENESS = """
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX passage_likeness ON fleet_knowledgepassage USING gin ((title || ' ' || text) gin_trgm_ops);
EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege THEN
  RAISE NOTICE 'pg_trgm is not to be had: misspelt words are not found';
END $$
"""
# pgvector is not part of every PostgreSQL, nor may everybody install it: without it vectors are compared by hand.
PGVECTOR = """
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS vector;
EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege THEN
  RAISE NOTICE 'pgvector is not to be had: vectors are compared by hand';
END $$
"""


class Migration(NewTables):
    replaces = [
        ("fleet", "0001_initial"),
        ("fleet", "0002_two_owners"),
        ("fleet", "0003_goal"),
        ("fleet", "0004_lent_knowledge"),
        ("fleet", "0005_context_window"),
        ("fleet", "0005_threshold"),
        ("fleet", "0006_passage_vectors"),
        ("fleet", "0007_endpoints"),
        ("fleet", "0008_data_classes"),
        ("fleet", "0009_visits"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0001_squashed_0003_availability"),
        # Each of theirs draws anew whatever is related to a user: quick while little is.
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agents", to="people.team"
                    ),
                ),
                ("slug", models.SlugField(max_length=60, verbose_name="short name")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("native_name", models.CharField(blank=True, max_length=120, verbose_name="name at its vendor")),
                (
                    "vendor",
                    models.CharField(
                        choices=[
                            ("ours", "Ours"),
                            ("artisan", "Artisan"),
                            ("qualified", "Qualified"),
                            ("agentforce", "Agentforce"),
                            ("monaco", "Monaco"),
                            ("momentum", "Momentum"),
                            ("claude", "Custom Claude"),
                            ("webhook", "Generic webhook"),
                            ("manual", "No interface"),
                        ],
                        max_length=20,
                        verbose_name="vendor",
                    ),
                ),
                (
                    "function",
                    models.CharField(
                        choices=[
                            ("sales", "Sales"),
                            ("marketing", "Marketing"),
                            ("support", "Support"),
                            ("billing", "Billing"),
                            ("retention", "Retention"),
                            ("legal", "Legal"),
                            ("finance", "Finance"),
                            ("operations", "Operations"),
                        ],
                        max_length=20,
                        verbose_name="function",
                    ),
                ),
                ("language", models.CharField(default="en", max_length=10, verbose_name="language")),
                ("personality", models.TextField(blank=True, verbose_name="personality")),
                ("requirements", models.TextField(blank=True, verbose_name="requirements")),
                ("purpose", models.TextField(blank=True, verbose_name="purpose")),
                ("vendor_url", models.URLField(blank=True, verbose_name="its page at the vendor")),
                ("outcome", models.CharField(blank=True, max_length=60, verbose_name="outcome")),
                (
                    "value_per_outcome_micros",
                    models.BigIntegerField(
                        default=0,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="value per outcome",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="USD",
                        max_length=3,
                        validators=[agents.people.validators.currency_code],
                        verbose_name="currency",
                    ),
                ),
                (
                    "waiting_cost_micros_per_hour",
                    models.BigIntegerField(
                        default=0,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="cost of an hour's waiting",
                    ),
                ),
                (
                    "baseline_minutes",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="10 to 60, on its own page. Minutes saved are counted from it.",
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="minutes a day it took before",
                    ),
                ),
                (
                    "lifecycle",
                    models.CharField(
                        choices=[
                            ("onboarding", "Onboarding"),
                            ("live", "Live"),
                            ("paused", "Paused"),
                            ("retired", "Retired"),
                        ],
                        default="onboarding",
                        max_length=12,
                    ),
                ),
                ("lifecycle_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifecycle_reason", models.CharField(blank=True, max_length=300)),
                ("live_since", models.DateTimeField(null=True)),
                ("running_since", models.DateField(blank=True, null=True, verbose_name="already running since")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "permissions": [
                    ("view_agent", "View"),
                    ("review_agent", "Review"),
                    ("instruct_agent", "Instruct"),
                    ("broadcast_agent", "Broadcast"),
                    ("pause_agent", "Pause"),
                    ("configure_agent", "Configure"),
                ],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("team", "slug"), name="one_agent_per_slug"),
                    models.CheckConstraint(
                        condition=models.Q(("value_per_outcome_micros__gte", 0)), name="agent_value_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("waiting_cost_micros_per_hour__gte", 0)),
                        name="agent_waiting_cost_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lifecycle__in", ["onboarding", "live", "paused", "retired"])),
                        name="agent_lifecycle_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgentOwner",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="owners", to="fleet.agent"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ownerships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("primary", "Primary"),
                            ("second", "Second"),
                            ("backup", "Backup"),
                            ("trainee", "Trainee"),
                        ],
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("acting", models.BooleanField(default=False)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "user"), name="one_seat_per_agent_and_person"),
                    models.UniqueConstraint(
                        condition=models.Q(("role", "primary")), fields=("agent",), name="one_primary_owner"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["primary", "second", "backup", "trainee"])),
                        name="owner_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgentStatus",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="status", to="fleet.agent"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("idle", "Idle"),
                            ("waiting_on_human", "Waiting on human"),
                            ("degraded", "Degraded"),
                            ("silent", "Silent"),
                            ("disconnected", "Disconnected"),
                            ("failed", "Failed"),
                        ],
                        default="idle",
                        max_length=20,
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("evidence", models.JSONField(default=dict)),
                ("observed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AgentUserGrant",
            fields=[
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="user_grants", to="fleet.agent"
                    ),
                ),
            ],
            options={
                "unique_together": {("user", "permission", "content_object")},
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Flow",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flows", to="people.team"
                    ),
                ),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("pattern", models.CharField(max_length=60)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "slug"), name="one_flow_per_slug")],
            },
        ),
        migrations.CreateModel(
            name="FlowVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "flow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="fleet.flow"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("graph", models.JSONField()),
                ("settings", models.JSONField(default=dict)),
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
                "constraints": [models.UniqueConstraint(fields=("flow", "number"), name="one_flow_version_per_number")],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assignment", to="fleet.agent"
                    ),
                ),
                (
                    "flow_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="fleet.flowversion"
                    ),
                ),
                ("run_cap_micros", models.BigIntegerField(verbose_name="most a run may cost")),
                ("day_cap_micros", models.BigIntegerField(verbose_name="most a day may cost")),
                ("cost_center", models.CharField(blank=True, max_length=60)),
                ("use_case", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day_cap_micros__gt", 0), ("run_cap_micros__gt", 0)),
                        name="assignment_caps_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Instruction",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="instructions", to="fleet.agent"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("feedback", models.TextField()),
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
                "constraints": [models.UniqueConstraint(fields=("agent", "number"), name="one_instruction_per_number")],
            },
        ),
        migrations.CreateModel(
            name="KnowledgePassage",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="passages", to="fleet.agent"
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("ordinal", models.PositiveIntegerField()),
                ("title", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField()),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.SearchVector("title", config="simple", weight="A"),
                            "||",
                            django.contrib.postgres.search.SearchVector("text", config="simple", weight="B"),
                            django.contrib.postgres.search.SearchConfig("simple"),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                ("added_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["search"], name="passage_search")],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "source", "ordinal"), name="one_passage_per_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="KpiPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="kpi_points", to="fleet.agent"
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("day", models.DateField()),
                ("value", models.DecimalField(decimal_places=4, max_digits=18)),
                ("sample_size", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("agent", "key", "day"), name="one_kpi_point_per_day")],
            },
        ),
        migrations.CreateModel(
            name="KpiTarget",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="kpi_targets", to="fleet.agent"
                    ),
                ),
                ("key", models.SlugField(max_length=40, verbose_name="KPI")),
                ("target", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="target")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                (
                    "better",
                    models.CharField(
                        choices=[("higher", "higher"), ("lower", "lower")], default="higher", max_length=6
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("agent", "key"), name="one_target_per_kpi")],
            },
        ),
        migrations.CreateModel(
            name="OneOnOne",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="one_on_ones",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="one_on_ones", to="fleet.agent"
                    ),
                ),
                ("day", models.DateField()),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "day", "user"), name="one_one_on_one_per_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="policies", to="people.team"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("statement", models.TextField()),
                ("rules", models.JSONField()),
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
                    models.UniqueConstraint(fields=("team", "number"), name="one_policy_version_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="PromptVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prompts", to="people.team"
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="prompts", to="fleet.agent"
                    ),
                ),
                ("flow", models.SlugField(max_length=60)),
                ("role", models.SlugField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("system", models.TextField()),
                ("task", models.TextField()),
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
                    models.UniqueConstraint(
                        fields=("team", "agent", "flow", "role", "number"),
                        name="one_prompt_version_per_number",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="fleet.agent"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("key", models.UUIDField(unique=True)),
                ("text", models.TextField()),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reply", models.TextField(blank=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("is_rehearsal", models.BooleanField(default=False)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["agent", "-asked_at"], name="question_agent_newest")],
            },
        ),
        migrations.CreateModel(
            name="ReviewTime",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_times",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="review_times", to="fleet.agent"
                    ),
                ),
                ("day", models.DateField()),
                ("seconds", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("visited_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "agent", "day"), name="one_review_time_per_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="schedules", to="fleet.agent"
                    ),
                ),
                ("local_time", models.TimeField(verbose_name="local time")),
                (
                    "zone",
                    models.CharField(
                        blank=True,
                        help_text="Empty: the primary owner's zone.",
                        max_length=64,
                        validators=[agents.people.validators.known_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "weekdays",
                    models.CharField(
                        default="1234567",
                        help_text="ISO numbers, Monday is 1.",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(?!.*(.).*\\1)[1-7]+$", "Use each of the numbers 1 to 7 once at most."
                            )
                        ],
                        verbose_name="weekdays",
                    ),
                ),
                ("input", models.JSONField(default=dict)),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ToolGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tool_grants", to="fleet.agent"
                    ),
                ),
                ("tool", models.CharField(max_length=80, verbose_name="tool")),
                (
                    "sets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="fields it may set",
                    ),
                ),
                (
                    "sees",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="fields it may see",
                    ),
                ),
                ("max_call_micros", models.BigIntegerField(blank=True, null=True, verbose_name="most for one call")),
                ("max_day_micros", models.BigIntegerField(blank=True, null=True, verbose_name="most for one day")),
                (
                    "currency",
                    models.CharField(
                        default="USD",
                        max_length=3,
                        validators=[agents.people.validators.currency_code],
                        verbose_name="currency",
                    ),
                ),
                ("confirm", models.BooleanField(default=True, verbose_name="a person confirms each use")),
                ("dry_run", models.BooleanField(default=False, verbose_name="only tries, changes nothing")),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("granted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("public", "Public"),
                                ("internal", "Internal"),
                                ("personal", "Personal"),
                                ("payment", "Payment"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="data classes it may see",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "tool"), name="one_grant_per_agent_and_tool"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("max_call_micros", None), ("max_call_micros__gte", 0), _connector="OR"),
                            models.Q(("max_day_micros", None), ("max_day_micros__gte", 0), _connector="OR"),
                        ),
                        name="grant_limits_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteFreeze",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="freezes", to="people.team"
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="freezes", to="fleet.agent"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "frozen_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("frozen_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "agent"), name="one_freeze_at_a_time", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="Goal",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("title", models.CharField(max_length=120, verbose_name="goal")),
                ("key", models.SlugField(max_length=40, verbose_name="KPI")),
                ("target", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="target")),
                ("first", models.DateField(verbose_name="from")),
                ("due", models.DateField(verbose_name="due")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="fleet.agent"
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
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due__gte", models.F("first")), ("target__gt", 0)),
                        name="a_goal_can_be_reached",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("memories", models.BooleanField(default=False)),
                ("why", models.CharField(max_length=300)),
                ("granted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="borrowed", to="fleet.agent"
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lent", to="fleet.agent"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "lender"), name="one_knowledge_grant_per_pair"),
                    models.CheckConstraint(
                        condition=models.Q(("agent", models.F("lender")), _negated=True),
                        name="knowledge_is_not_lent_to_oneself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Threshold",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.SlugField(max_length=40, verbose_name="KPI")),
                ("limit", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="threshold")),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="thresholds",
                        to="fleet.agent",
                    ),
                ),
                (
                    "flow",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="thresholds",
                        to="fleet.flow",
                    ),
                ),
                (
                    "set_by",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="thresholds", to="people.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("agent", None), ("flow", None), _connector="OR"),
                        name="a_threshold_has_one_scope",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("team", "agent", "flow", "key"),
                        name="one_threshold_in_force",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PassageVector",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("model", models.CharField(max_length=120)),
                ("values", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "passage",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="vector", to="fleet.knowledgepassage"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=60, verbose_name="provider")),
                ("base_url", models.URLField(max_length=300, verbose_name="address")),
                ("key", agents.base.fields.EncryptedField()),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="endpoints", to="people.team"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "name"), name="one_endpoint_per_name")],
            },
        ),
        migrations.CreateModel(
            name="Model",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="models", to="people.team"
                    ),
                ),
                ("provider", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                (
                    "tier",
                    models.CharField(
                        choices=[("cheap", "Cheap"), ("standard", "Standard"), ("premium", "Premium")], max_length=10
                    ),
                ),
                ("is_rehearsal", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("context_window", models.PositiveIntegerField(null=True)),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="fleet.endpoint"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "name"), name="one_model_per_name")],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="fleet.model"
                    ),
                ),
                ("input_micros", models.BigIntegerField()),
                ("output_micros", models.BigIntegerField()),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("since", models.DateField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunSQL(TWO_OWNERS.split(";;"), ANY_OWNERS),
        migrations.RunSQL(LIKENESS, "DROP INDEX IF EXISTS passage_likeness"),
        migrations.RunSQL(PGVECTOR, migrations.RunSQL.noop),
    ]

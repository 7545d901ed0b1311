import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import agents.base.ids

# pgvector is not part of every PostgreSQL, nor may everybody install it: without it vectors are compared by hand.
PGVECTOR = """
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS vector;
EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege THEN
  RAISE NOTICE 'pgvector is not to be had: vectors are compared by hand';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("fleet", "0005_threshold")]

    operations = [
        migrations.CreateModel(
            name="PassageVector",
            fields=[
                (
                    "id",
                    models.UUIDField(default=agents.base.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("model", models.CharField(max_length=120)),
                (
                    "values",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "passage",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vector",
                        to="fleet.knowledgepassage",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(PGVECTOR, migrations.RunSQL.noop),
    ]

"""How an agent's last run came out is asked at every end of a run: not by walking past its backlog."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_correlation")]
    operations = [
        migrations.AddIndex(
            "run",
            models.Index(
                fields=["agent", "-created_at"],
                condition=Q(state__in=("done", "failed", "quarantined")),
                name="run_agent_ended",
            ),
        )
    ]

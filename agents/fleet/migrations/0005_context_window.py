from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0005_threshold")]

    operations = [
        migrations.AddField("model", "context_window", models.PositiveIntegerField(null=True)),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0004_lent_knowledge")]

    operations = [
        migrations.AddField("model", "context_window", models.PositiveIntegerField(null=True)),
    ]

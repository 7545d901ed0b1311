from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0007_memories")]

    operations = [
        migrations.AddField("step", "sunk_micros", models.BigIntegerField(default=0, db_default=0)),
    ]

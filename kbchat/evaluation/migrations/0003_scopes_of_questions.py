"""A golden question is asked of more than whole collections. What was kept before is asked of its collections."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_keepers")]

    operations = [
        migrations.AddField(
            model_name="keptquestion", name="scope", field=models.JSONField(db_default={}, default=dict)
        )
    ]

"""How often something was written into a generation beside ingestion, since when nobody keeps it, and since when its
tables are gone."""

from django.db import migrations, models

# What was retired before, is since now.
RETIRED = "UPDATE indexing_indexgeneration SET retired_at = now() WHERE state = 'retired'"


class Migration(migrations.Migration):
    dependencies = [("indexing", "0003_encoders_of_generations")]

    operations = [
        migrations.AddField("indexgeneration", "filled", models.PositiveIntegerField(default=0)),
        migrations.AddField("indexgeneration", "retired_at", models.DateTimeField(null=True)),
        migrations.AddField("indexgeneration", "dropped_at", models.DateTimeField(null=True)),
        migrations.RunSQL(RETIRED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "indexgeneration",
            models.CheckConstraint(
                condition=models.Q(state="retired", retired_at__isnull=False)
                | ~models.Q(state="retired") & models.Q(retired_at=None),
                name="retired_generation_says_since_when",
            ),
        ),
    ]

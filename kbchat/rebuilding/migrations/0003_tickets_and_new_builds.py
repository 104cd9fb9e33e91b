"""The ticket that a build's job carries, and which builds make a new generation: one at a time."""

import uuid

from django.db import migrations, models

ASKED_FOR = "UPDATE rebuilding_build SET is_new = true WHERE requested_by_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("rebuilding", "0002_completeness")]

    operations = [
        migrations.AddField("build", "ticket", models.UUIDField(default=uuid.uuid4)),
        migrations.AddField("build", "is_new", models.BooleanField(default=False)),
        migrations.RunSQL(ASKED_FOR, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "build",
            models.UniqueConstraint(
                fields=["is_new"],
                condition=models.Q(is_new=True, state__in=["queued", "running", "paused"]),
                name="one_new_generation_is_built_at_a_time",
            ),
        ),
    ]

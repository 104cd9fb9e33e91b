"""What had changed before a run that started by itself. The code of before knew one such cause, by a mark: its column
stays for a release, filled by itself.
"""

from django.db import migrations, models

_FORMER = """
ALTER TABLE upkeep_upkeeprun ALTER COLUMN is_following SET DEFAULT false;
UPDATE upkeep_upkeeprun SET cause = 'source' WHERE is_following;
"""


class Migration(migrations.Migration):

    dependencies = [("upkeep", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="upkeeprun",
            name="cause",
            field=models.CharField(
                choices=[("source", "Source"), ("fitted", "Fitted"), ("switched", "Switched"), ("grown", "Grown")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_FORMER, migrations.RunSQL.noop)],
            state_operations=[migrations.RemoveField(model_name="upkeeprun", name="is_following")],
        ),
    ]

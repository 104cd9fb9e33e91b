from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial"), ("access", "0012_readers_from_sources")]

    operations = [
        migrations.AddField(
            model_name="keptsource",
            name="permissions_from",
            field=models.CharField(
                choices=[("collection", "Collection"), ("source", "Source")], db_default="collection", default="collection", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="keptsource", name="sealed_secrets", field=models.TextField(db_default="", default="")
        ),
        migrations.AddField(
            model_name="sourcerun", name="readers_changed", field=models.PositiveIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(model_name="sourcerun", name="withheld", field=models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField(
            model_name="sourcerun",
            name="permissions_problem",
            field=models.CharField(db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="sourcerun", name="permissions_facts", field=models.JSONField(db_default={}, default=dict)
        ),
    ]

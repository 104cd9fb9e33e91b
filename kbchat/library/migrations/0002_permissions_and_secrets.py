from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial"), ("access", "0012_readers_from_sources")]

    operations = [
        migrations.AddField(
            model_name="keptsource",
            name="permissions_from",
            field=models.CharField(
                choices=[("collection", "Collection"), ("source", "Source")], default="collection", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="keptsource", name="sealed_secrets", field=models.TextField(default="")
        ),
        migrations.AddField(
            model_name="sourcerun", name="readers_changed", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(model_name="sourcerun", name="withheld", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(
            model_name="sourcerun",
            name="permissions_problem",
            field=models.CharField(default="", max_length=60),
        ),
        migrations.AddField(
            model_name="sourcerun", name="permissions_facts", field=models.JSONField(default=dict)
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0002_permissions_and_secrets")]

    operations = [
        # The former code makes runs meanwhile, and does not know it.
        migrations.AddField(
            model_name="sourcerun",
            name="mirrored",
            field=models.JSONField(
                default=list, db_default=models.Value([], output_field=models.JSONField())
            ),
        ),
    ]

"""What is one of so many that nobody waits for it. Of what the former code makes meanwhile, somebody does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0004_scanned_pages")]

    operations = [
        migrations.AddField(
            model_name="ingestionrun",
            name="in_bulk",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0004_trials")]

    operations = [
        # NULL for runs of before, and for those that the former code makes meanwhile: it does not count them.
        migrations.AddField(
            model_name="sourcerun",
            name="unread_pictures",
            field=models.PositiveIntegerField(null=True),
        ),
    ]

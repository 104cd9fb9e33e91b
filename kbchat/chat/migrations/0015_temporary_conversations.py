from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0014_shown_by_version'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='is_temporary',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

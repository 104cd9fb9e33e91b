from datetime import timedelta

import django.contrib.postgres.fields
from django.db import migrations, models
from django.utils import timezone

DAYS_LEFT = 365
"""To a key that was made when none had to end."""


def end_at_last(apps, schema_editor):
    keys = apps.get_model("accounts", "ApiKey").objects
    keys.filter(expires_at=None).update(expires_at=timezone.now() + timedelta(days=DAYS_LEFT))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_links_and_directory'),
    ]

    operations = [
        migrations.RunPython(end_at_last, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='apikey',
            name='expires_at',
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name='apikey',
            name='collections',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='apikey',
            name='last_used_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='apikey',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=['ask', 'read_library', 'search', 'write_library'], size=None),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('scopes__len__gt', 0), ('scopes__contained_by', ['search', 'ask', 'read_library', 'write_library'])), name='api_key_is_for_something_known'),
        ),
    ]

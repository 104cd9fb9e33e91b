"""A conversation or a turn keeps the collections that its asker was narrowed to, and whoever is narrowed sees those alone
that were asked within his own: what he would read of another may rest on what he must not see.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

_WITHIN = "owner_id = kbchat_viewer() AND (kbchat_within() IS NULL OR within <@ kbchat_within())"
POLICIES = "".join(
    f"ALTER POLICY owner_only ON {table} USING ({_WITHIN}) WITH CHECK ({_WITHIN});\n"
    for table in ("chat_conversation", "chat_turn")
)


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0006_narrowed_viewers'),
        ('chat', '0007_tokens_spent'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='within',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='turn',
            name='within',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None),
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]

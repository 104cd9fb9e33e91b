import django.db.models.deletion
from django.db import migrations, models

POLICY = """
ALTER TABLE chat_tokensspent ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_tokensspent FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON chat_tokensspent TO kbchat_application_rights
    USING (owner_id = kbchat_viewer()) WITH CHECK (owner_id = kbchat_viewer());
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_user_is_auditor'),
        ('access', '0002_visibility'),
        ('chat', '0006_sharing'),
    ]

    operations = [
        migrations.CreateModel(
            name='TokensSpent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('tokens', models.BigIntegerField(default=0)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.user')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'day'), name='person_has_one_count_a_day')],
            },
        ),
        migrations.RunSQL(POLICY, migrations.RunSQL.noop),
    ]

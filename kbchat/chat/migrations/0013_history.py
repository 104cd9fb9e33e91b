"""What finds and orders a person's own conversations: terms of their turns, and pins. Terms are seen by whoever sees the
turn."""

import django.db.models.deletion
from django.db import migrations, models

POLICY = """
ALTER TABLE chat_turnterms ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_turnterms FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON chat_turnterms TO kbchat_application_rights
    USING (turn_id IN (SELECT id FROM chat_turn)) WITH CHECK (turn_id IN (SELECT id FROM chat_turn));
"""


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0012_fair_queue'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='pinned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='TurnTerms',
            fields=[
                ('turn', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='terms', serialize=False, to='chat.turn')),
                ('analysed_by', models.PositiveSmallIntegerField()),
                ('terms', models.TextField()),
            ],
        ),
        migrations.RunSQL(POLICY, migrations.RunSQL.noop),
    ]

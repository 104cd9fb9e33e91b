"""Passages that search leaves out: whoever sees the version is searched for without them, its collection's owners say
which they are."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


_OWNED = """EXISTS (SELECT 1 FROM documents_documentversion v, kbchat_roles_in(kbchat_viewer(), ARRAY[v.document_id]) r
    WHERE v.id = version_id AND r.role = 'owner')"""
POLICIES = f"""
ALTER TABLE documents_silencedpassage ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents_silencedpassage FORCE ROW LEVEL SECURITY;
CREATE POLICY viewer_reads ON documents_silencedpassage FOR SELECT TO kbchat_application_rights
    USING (EXISTS (SELECT 1 FROM documents_documentversion v WHERE v.id = version_id));
CREATE POLICY owner_silences ON documents_silencedpassage FOR INSERT TO kbchat_application_rights
    WITH CHECK ({_OWNED} AND silenced_by_id = kbchat_viewer());
CREATE POLICY owner_hears_again ON documents_silencedpassage FOR DELETE TO kbchat_application_rights USING ({_OWNED});
CREATE POLICY worker_works ON documents_silencedpassage TO kbchat_worker_rights USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_rejected'),
        ('access', '0005_rule_by_row'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SilencedPassage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('silenced_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('silenced_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='silenced', to='documents.documentversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'start', 'end'), name='passage_is_silenced_once')],
            },
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]

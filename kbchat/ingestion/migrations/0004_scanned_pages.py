"""Pages that are pictures, with what was recognised on them until their version's text is stored: workers alone read
them."""

import django.db.models.deletion
from django.db import migrations, models

POLICIES = """
ALTER TABLE ingestion_scannedpage ENABLE ROW LEVEL SECURITY;
ALTER TABLE ingestion_scannedpage FORCE ROW LEVEL SECURITY;
CREATE POLICY worker_works ON ingestion_scannedpage TO kbchat_worker_rights USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0005_rule_by_row'),
        ('ingestion', '0003_rejected'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ingestionrun',
            name='step',
            field=models.CharField(choices=[('received', 'Received'), ('waiting_for_scan', 'Waiting For Scan'), ('scanning', 'Scanning'), ('parsing', 'Parsing'), ('recognising', 'Recognising'), ('chunking', 'Chunking'), ('embedding', 'Embedding'), ('ready', 'Ready')], default='received', max_length=16),
        ),
        migrations.CreateModel(
            name='ScannedPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('found', models.JSONField(null=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scanned_pages', to='documents.documentversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'number'), name='page_of_version_is_scanned_once')],
            },
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]

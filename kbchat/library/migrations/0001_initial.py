"""Sources are seen by the owners of their collection, with their items and runs; an owner who is an administrator makes
one. Workers read all of them, and add documents as somebody alone: under the rule of an upload, as the viewer of their
transaction (the application's policies in access 0002_visibility say the same).
"""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


TABLES = ["library_keptsource", "library_sourceitem", "library_sourcerun"]
FORCE = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    f"CREATE POLICY worker_works ON {table} TO kbchat_worker_rights USING (true) WITH CHECK (true);\n"
    for table in TABLES
)
_OWNED = "collection_id IN (SELECT c.collection_id FROM kbchat_collections_of(kbchat_viewer()) c WHERE c.role = 'owner')"
_OF_A_SOURCE = "source_id IN (SELECT id FROM library_keptsource)"
POLICIES = f"""
CREATE POLICY owner_reads ON library_keptsource FOR SELECT TO kbchat_application_rights USING ({_OWNED});
CREATE POLICY owner_changes ON library_keptsource FOR UPDATE TO kbchat_application_rights
    USING ({_OWNED}) WITH CHECK ({_OWNED});
CREATE POLICY owner_removes ON library_keptsource FOR DELETE TO kbchat_application_rights USING ({_OWNED});
CREATE POLICY administrator_adds ON library_keptsource FOR INSERT TO kbchat_application_rights
    WITH CHECK ({_OWNED} AND keeper_id = kbchat_viewer() AND kbchat_is_administrator(kbchat_viewer()));
CREATE POLICY of_a_source ON library_sourceitem TO kbchat_application_rights
    USING ({_OF_A_SOURCE}) WITH CHECK ({_OF_A_SOURCE});
CREATE POLICY of_a_source ON library_sourcerun TO kbchat_application_rights
    USING ({_OF_A_SOURCE}) WITH CHECK ({_OF_A_SOURCE});
"""
WORKERS_ADD_AS_SOMEBODY = """
CREATE POLICY worker_adds_as_an_editor ON documents_document AS RESTRICTIVE FOR INSERT TO kbchat_worker_rights
    WITH CHECK (collection_id IN (
        SELECT collection_id FROM kbchat_collections_of(kbchat_viewer()) WHERE role IN ('editor', 'owner')));
CREATE POLICY worker_adds_as_an_editor ON documents_documentversion AS RESTRICTIVE FOR INSERT TO kbchat_worker_rights
    WITH CHECK (EXISTS (SELECT 1 FROM kbchat_roles_in(kbchat_viewer(), ARRAY[document_id]) r
                        WHERE r.role IN ('editor', 'owner')));
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0008_searching_in_a_scope'),
        ('documents', '0002_sections_of_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptSource',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('place', models.JSONField()),
                ('revision', models.CharField(default='', max_length=100)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='documents.collection')),
                ('keeper', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SourceRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('skipped', 'Skipped')], default='queued', max_length=10)),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease', models.UUIDField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('problem', models.CharField(default='', max_length=60)),
                ('problem_facts', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('removed', models.PositiveIntegerField(default=0)),
                ('held', models.PositiveIntegerField(default=0)),
                ('passed_over', models.PositiveIntegerField(default=0)),
                ('is_complete', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('approves', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='library.sourcerun')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='library.keptsource')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SourceItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=1000)),
                ('mark', models.CharField(default='', max_length=200)),
                ('validator', models.TextField(default='')),
                ('was_taken_in', models.BooleanField(default=False)),
                ('problem', models.CharField(default='', max_length=60)),
                ('problem_facts', models.JSONField(default=dict)),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='documents.document')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='library.keptsource')),
                ('held_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='library.sourcerun')),
            ],
        ),
        migrations.AddConstraint(
            model_name='keptsource',
            constraint=models.UniqueConstraint(fields=('collection', 'name'), name='source_name_is_unique_in_collection'),
        ),
        migrations.AddIndex(
            model_name='sourcerun',
            index=models.Index(fields=['source', '-created_at'], name='source_run_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='sourcerun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('source',), name='source_has_one_unfinished_run'),
        ),
        migrations.AddConstraint(
            model_name='sourcerun',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'running'), ('lease__isnull', True), _connector='OR'), name='only_a_running_source_run_is_leased'),
        ),
        migrations.AddConstraint(
            model_name='sourcerun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running']), ('finished_at__isnull', False), _connector='OR'), name='finished_source_run_says_when'),
        ),
        migrations.AddConstraint(
            model_name='sourceitem',
            constraint=models.UniqueConstraint(fields=('source', 'path'), name='item_path_is_unique_in_source'),
        ),
        migrations.RunSQL([FORCE, POLICIES, WORKERS_ADD_AS_SOMEBODY], migrations.RunSQL.noop),
    ]

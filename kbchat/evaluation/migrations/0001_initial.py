"""Golden questions are seen by whoever owns every collection that they name, and so are their places and figures.

Ownership is asked of the same function as everywhere; that no section of such a collection is closed to him is asked
by the services (kbchat.access.owning).
"""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

TABLES = [
    "evaluation_keptquestion",
    "evaluation_expectedplace",
    "evaluation_goldenrun",
    "evaluation_questionfigures",
]
FORCE = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    for table in TABLES
)
# A list that holds nothing is contained in every list: hence the constraint that it names one.
_OWNS_ALL = (
    "kbchat_viewer() IS NOT NULL AND collections <@ ARRAY(SELECT c.collection_id "
    "FROM kbchat_collections_of(kbchat_viewer()) c WHERE c.role = 'owner')"
)
_OF_A_QUESTION = "question_id IN (SELECT id FROM evaluation_keptquestion)"
# Whoever started a run goes on with it; others see it as far as it asked what they see. PostgreSQL takes no two rules
# that ask each other: figures do not ask whose run it is, the service does.
_STARTED = "started_by_id = kbchat_viewer()"
POLICIES = f"""
CREATE POLICY owners_of_all ON evaluation_keptquestion TO kbchat_application_rights
    USING ({_OWNS_ALL}) WITH CHECK ({_OWNS_ALL});
CREATE POLICY of_a_question ON evaluation_expectedplace TO kbchat_application_rights
    USING ({_OF_A_QUESTION}) WITH CHECK ({_OF_A_QUESTION});
CREATE POLICY of_a_question ON evaluation_questionfigures TO kbchat_application_rights
    USING ({_OF_A_QUESTION}) WITH CHECK ({_OF_A_QUESTION});
CREATE POLICY viewer_reads ON evaluation_goldenrun FOR SELECT TO kbchat_application_rights
    USING ({_STARTED} OR id IN (SELECT run_id FROM evaluation_questionfigures));
CREATE POLICY viewer_starts ON evaluation_goldenrun FOR INSERT TO kbchat_application_rights WITH CHECK ({_STARTED});
CREATE POLICY starter_ends ON evaluation_goldenrun FOR UPDATE TO kbchat_application_rights
    USING ({_STARTED}) WITH CHECK ({_STARTED});
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('access', '0006_narrowed_viewers'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptQuestion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('collections', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('expected_words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('kept_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('collections__len__gt', 0)), name='kept_question_names_a_collection')],
            },
        ),
        migrations.CreateModel(
            name='ExpectedPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document_id', models.UUIDField()),
                ('version_id', models.UUIDField()),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='evaluation.keptquestion')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='expected_place_is_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='GoldenRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('in_force', models.JSONField()),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-started_at'], name='golden_run_newest_first')],
            },
        ),
        migrations.CreateModel(
            name='QuestionFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expects_places', models.BooleanField()),
                ('is_outdated', models.BooleanField()),
                ('found_at', models.PositiveSmallIntegerField(null=True)),
                ('reciprocal_rank', models.FloatField(null=True)),
                ('recall', models.FloatField(null=True)),
                ('is_refused', models.BooleanField()),
                ('says_expected', models.BooleanField(null=True)),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='evaluation.keptquestion')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='evaluation.goldenrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'question'), name='question_is_measured_once_in_a_run'), models.CheckConstraint(condition=models.Q(('expects_places', True), ('is_outdated', False), _connector='OR'), name='only_expected_places_are_outdated')],
            },
        ),
        migrations.RunSQL([FORCE, POLICIES], migrations.RunSQL.noop),
    ]

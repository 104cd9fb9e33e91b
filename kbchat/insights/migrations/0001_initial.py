import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgvector.django.vector
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('chat', '0009_feedback'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Gap',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('collections', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('state', models.CharField(choices=[('open', 'Open'), ('assigned', 'Assigned'), ('answered', 'Answered'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('document_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AskedAgain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('gap', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='insights.gap')),
            ],
        ),
        migrations.CreateModel(
            name='GapReport',
            fields=[
                ('turn', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='gap_report', serialize=False, to='chat.turn')),
                ('question', models.TextField()),
                ('comment', models.TextField(default='')),
                ('language', models.CharField(max_length=5)),
                ('may_be_named', models.BooleanField(default=False)),
                ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('encoder', models.CharField(default='', max_length=300)),
                ('vector', pgvector.django.vector.VectorField(null=True)),
                ('gap', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='insights.gap')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('assignee__isnull', False), ('state', 'assigned')), models.Q(('state__in', ['assigned', 'open']), _negated=True), models.Q(('assignee__isnull', True), ('state', 'open')), _connector='OR'), name='assigned_gap_names_a_person'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document_id__isnull', False), ('state', 'answered')), models.Q(models.Q(('state', 'answered'), _negated=True), ('document_id__isnull', True)), _connector='OR'), name='answered_gap_names_a_document'),
        ),
        migrations.AddConstraint(
            model_name='askedagain',
            constraint=models.UniqueConstraint(fields=('gap', 'person'), name='person_asks_again_by_one_row'),
        ),
        migrations.AddConstraint(
            model_name='gapreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('encoder', ''), ('vector__isnull', True)), models.Q(models.Q(('encoder', ''), _negated=True), ('vector__isnull', False)), _connector='OR'), name='vector_says_what_made_it'),
        ),
    ]


import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('django_celery_beat', '0019_alter_periodictasks_options'),
    ]

    operations = [
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('job', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('due_at', models.DateTimeField()),
                ('crontab', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='django_celery_beat.crontabschedule')),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='schedule_by_due_time')],
                'constraints': [models.UniqueConstraint(fields=('job', 'subject_id'), name='subject_has_one_schedule_of_a_job')],
            },
        ),
    ]

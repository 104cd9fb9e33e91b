from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('actor_id', models.UUIDField(null=True)),
                ('action', models.CharField(choices=[('grant_given', 'Grant Given'), ('grant_taken', 'Grant Taken'), ('section_closed', 'Section Closed'), ('section_opened', 'Section Opened'), ('version_confirmed', 'Version Confirmed'), ('passages_shown', 'Passages Shown'), ('document_deleted', 'Document Deleted'), ('document_purged', 'Document Purged'), ('person_created', 'Person Created'), ('group_changed', 'Group Changed'), ('auditor_changed', 'Auditor Changed'), ('password_set', 'Password Set'), ('signed_in', 'Signed In'), ('sign_in_failed', 'Sign In Failed'), ('exported', 'Exported')], max_length=30)),
                ('subject', models.JSONField()),
                ('previous', models.BinaryField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'indexes': [models.Index(fields=['actor_id', 'seq'], name='audit_by_actor'), models.Index(fields=['action', 'seq'], name='audit_by_action'), models.Index(fields=['at'], name='audit_by_time')],
                'constraints': [models.UniqueConstraint(fields=('previous',), name='audit_chain_does_not_fork')],
            },
        ),
    ]

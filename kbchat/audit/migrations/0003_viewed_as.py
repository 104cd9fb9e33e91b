from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(choices=[('grant_given', 'Grant Given'), ('grant_taken', 'Grant Taken'), ('section_closed', 'Section Closed'), ('section_opened', 'Section Opened'), ('version_confirmed', 'Version Confirmed'), ('passages_shown', 'Passages Shown'), ('document_deleted', 'Document Deleted'), ('document_purged', 'Document Purged'), ('person_created', 'Person Created'), ('group_changed', 'Group Changed'), ('auditor_changed', 'Auditor Changed'), ('password_set', 'Password Set'), ('signed_in', 'Signed In'), ('sign_in_failed', 'Sign In Failed'), ('exported', 'Exported'), ('viewed_as', 'Viewed As')], max_length=30),
        ),
    ]

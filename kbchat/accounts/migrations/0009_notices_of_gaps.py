from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='about',
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('reset_asked', 'Reset Asked'), ('app_added', 'App Added'), ('app_removed', 'App Removed'), ('passkey_added', 'Passkey Added'), ('passkey_removed', 'Passkey Removed'), ('codes_made', 'Codes Made'), ('all_taken', 'All Taken'), ('gap_answered', 'Gap Answered'), ('gap_assigned', 'Gap Assigned')], max_length=20),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0010_turn_trace'),
    ]

    operations = [
        migrations.AddField(
            model_name='turn',
            name='first_word_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(fields=['created_at'], name='turn_by_time'),
        ),
    ]

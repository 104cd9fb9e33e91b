from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0002_policies'),
    ]

    operations = [
        migrations.AlterField(
            model_name='shown',
            name='number',
            field=models.PositiveIntegerField(null=True),
        ),
    ]

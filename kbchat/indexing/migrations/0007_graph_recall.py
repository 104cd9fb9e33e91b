"""What the graph over a generation's vectors finds, beside comparing all: known before it answers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexing", "0006_words_by_what_is_attainable")]

    operations = [migrations.AddField("indexgeneration", "graph_recall", models.FloatField(null=True))]

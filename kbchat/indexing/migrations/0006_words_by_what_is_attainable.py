"""What was fitted for the former blend, which weighed words by the best of a question, says nothing of this one: every
generation begins again with the defaults (`manage.py tune_fusion`, `tune_abstention`, and upkeep fit them anew).
"""

from django.db import migrations

FORGET = "UPDATE indexing_indexgeneration SET dense_weights = '{}', calibration = '{}'"


class Migration(migrations.Migration):
    dependencies = [("indexing", "0005_vectors_of_one_dimension")]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]

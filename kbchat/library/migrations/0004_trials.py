"""Trials are seen by who asked alone; an owner who is an administrator asks, in his own name."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

POLICIES = """
ALTER TABLE library_sourcetrial ENABLE ROW LEVEL SECURITY;
ALTER TABLE library_sourcetrial FORCE ROW LEVEL SECURITY;
CREATE POLICY worker_works ON library_sourcetrial TO kbchat_worker_rights USING (true) WITH CHECK (true);
CREATE POLICY asker_alone ON library_sourcetrial TO kbchat_application_rights
    USING (asked_by_id = kbchat_viewer())
    WITH CHECK (
        asked_by_id = kbchat_viewer()
        AND kbchat_is_administrator(kbchat_viewer())
        AND collection_id IN (
            SELECT c.collection_id FROM kbchat_collections_of(kbchat_viewer()) c WHERE c.role = 'owner')
    );
"""


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0003_mirrored_by_run"),
        ("documents", "0004_silenced_passages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceTrial",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("place", models.JSONField()),
                ("sealed_secrets", models.TextField(default="")),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("ended", "Ended")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("has_documents", models.BooleanField(null=True)),
                ("cause", models.CharField(default="", max_length=20)),
                ("problem", models.CharField(default="", max_length=60)),
                ("problem_facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="documents.collection"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]

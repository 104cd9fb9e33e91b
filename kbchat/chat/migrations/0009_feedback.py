"""Feedback belongs to whoever gave it. Two functions tell administrators of all of it: counts, and what was handed over,
without a name or an id.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

POLICY = """
ALTER TABLE chat_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON chat_feedback TO kbchat_application_rights
    USING (owner_id = kbchat_viewer())
    WITH CHECK (owner_id = kbchat_viewer() AND turn_id IN (SELECT id FROM chat_turn));
CREATE POLICY gate_reads ON chat_feedback FOR SELECT TO kbchat_gate USING (true);
GRANT SELECT ON chat_feedback TO kbchat_gate;
"""

FUNCTIONS = """
CREATE FUNCTION kbchat_viewer_administers() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM accounts_user u
                   WHERE u.id = kbchat_viewer() AND u.is_active AND u.is_administrator)
$$;

-- Of all answers, and of each reason; "" stands for all of them.
CREATE FUNCTION kbchat_feedback_counts() RETURNS TABLE (is_helpful boolean, reason text, answers bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.is_helpful, r.reason, count(*)
    FROM chat_feedback f, LATERAL (SELECT '' UNION ALL SELECT unnest(f.reasons)::text) r(reason)
    WHERE kbchat_viewer_administers()
    GROUP BY f.is_helpful, r.reason
$$;

CREATE FUNCTION kbchat_feedback_handed_over(most integer)
RETURNS TABLE (changed_at timestamptz, is_helpful boolean, reasons text[], question text, comment text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.changed_at, f.is_helpful, f.reasons::text[], t.question, f.comment
    FROM chat_feedback f JOIN chat_turn t ON t.id = f.turn_id
    WHERE f.is_handed_over AND kbchat_viewer_administers()
    ORDER BY f.changed_at DESC LIMIT most
$$;
"""
NAMES = ["kbchat_viewer_administers()", "kbchat_feedback_counts()", "kbchat_feedback_handed_over(integer)"]
GATE = (
    "GRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    + "".join(
        f"ALTER FUNCTION {name} OWNER TO kbchat_gate;\nREVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
        f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights;\n"
        for name in NAMES
    )
    + "REVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('chat', '0008_turns_of_narrowed_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('turn', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='feedback', serialize=False, to='chat.turn')),
                ('is_helpful', models.BooleanField()),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('wrong', 'Wrong'), ('incomplete', 'Incomplete'), ('outdated', 'Outdated'), ('not_found', 'Not Found'), ('other', 'Other')], max_length=12), default=list, size=None)),
                ('comment', models.TextField(default='')),
                ('is_handed_over', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('is_helpful', False), ('reasons__len', 0), _connector='OR'), name='helpful_answer_has_no_reasons')],
            },
        ),
        migrations.RunSQL([POLICY, FUNCTIONS, GATE], migrations.RunSQL.noop),
    ]

"""A report keeps what its question was asked of, so that it is asked again of nothing else; what was handed over before
was kept with its collections alone.

kbchat_gap_questions  as kbchat_gap_reports (0002_policies), which the former code calls, and tells it
"""

from django.db import migrations, models

NAME = "kbchat_gap_questions(uuid[])"
FUNCTION = f"""
CREATE FUNCTION kbchat_gap_questions(gaps uuid[])
RETURNS TABLE (gap_id uuid, question text, comment text, language text, reported_at timestamptz, name text, asked_of jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.gap_id, r.question, r.comment, r.language, r.reported_at, CASE WHEN r.may_be_named THEN u.name ELSE '' END,
           r.asked_of
    FROM insights_gapreport r JOIN insights_gap g ON g.id = r.gap_id JOIN accounts_user u ON u.id = r.owner_id
    WHERE r.gap_id = ANY (gaps) AND kbchat_sees_gap(g.assignee_id, g.collections)
    ORDER BY r.reported_at, r.turn_id
$$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTION}\n"
    f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {NAME} TO kbchat_application_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("insights", "0003_figures")]

    operations = [
        migrations.AddField(
            model_name="gapreport", name="asked_of", field=models.JSONField(db_default={}, default=dict)
        ),
        migrations.RunSQL(GATE, migrations.RunSQL.noop),
    ]

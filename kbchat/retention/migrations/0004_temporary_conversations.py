"""A temporary conversation goes some hours after its last question, whatever the rule for the others is; those of a person
under a legal hold stay.
"""

from django.db import migrations

EXPIRE = "kbchat_expire_conversations(integer, integer)"
FUNCTIONS = """
CREATE FUNCTION kbchat_expire_conversations(most integer, temporary_hours integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    old uuid[] := ARRAY(
        SELECT c.id FROM chat_conversation c LEFT JOIN retention_conversationrule r ON r.days IS NOT NULL
        WHERE (c.updated_at < now() - make_interval(days => r.days)
               OR c.is_temporary AND c.updated_at < now() - make_interval(hours => temporary_hours))
          AND c.owner_id NOT IN (SELECT h.person_id FROM retention_legalhold h WHERE h.person_id IS NOT NULL)
        ORDER BY c.updated_at LIMIT most);
BEGIN
    PERFORM kbchat_delete_conversations(old);
    RETURN cardinality(old);
END $$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {EXPIRE} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {EXPIRE} TO kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("retention", "0003_restoring"), ("chat", "0015_temporary_conversations")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

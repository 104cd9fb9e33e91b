"""What is known before and after: how many conversations a rule would let go, and that a person was erased.

kbchat_conversations_to_expire  those that a rule of so many days lets go, and temporary ones, with whether a hold keeps
                                them; NULL: no such rule. Nobody's to call: what is foreseen is what is done
kbchat_foresee_conversations    how many a rule would let go now, and how many of these a hold keeps; for administrators
"""

import uuid

import django.utils.timezone
from django.db import migrations, models

POLICIES = """
ALTER TABLE retention_erasurereceipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention_erasurereceipt FORCE ROW LEVEL SECURITY;
CREATE POLICY administrator_reads ON retention_erasurereceipt FOR SELECT TO kbchat_application_rights
    USING ((SELECT kbchat_is_administrator(kbchat_viewer())));
CREATE POLICY administrator_erases ON retention_erasurereceipt FOR INSERT TO kbchat_application_rights
    WITH CHECK ((SELECT kbchat_is_administrator(kbchat_viewer())) AND erased_by = kbchat_viewer());
"""

EXPIRING = "kbchat_conversations_to_expire(integer, integer)"
FORESEE = "kbchat_foresee_conversations(integer)"
FUNCTIONS = """
CREATE FUNCTION kbchat_conversations_to_expire(days integer, temporary_hours integer)
RETURNS TABLE (conversation_id uuid, updated_at timestamptz, is_held boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.id, c.updated_at,
           c.owner_id IN (SELECT h.person_id FROM retention_legalhold h WHERE h.person_id IS NOT NULL)
    FROM chat_conversation c
    WHERE c.updated_at < now() - make_interval(days => days)
       OR c.is_temporary AND c.updated_at < now() - make_interval(hours => temporary_hours)
$$;

CREATE OR REPLACE FUNCTION kbchat_expire_conversations(most integer, temporary_hours integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    old uuid[] := ARRAY(
        SELECT e.conversation_id
        FROM kbchat_conversations_to_expire((SELECT r.days FROM retention_conversationrule r), temporary_hours) e
        WHERE NOT e.is_held ORDER BY e.updated_at LIMIT most);
BEGIN
    PERFORM kbchat_delete_conversations(old);
    RETURN cardinality(old);
END $$;

CREATE FUNCTION kbchat_foresee_conversations(days integer) RETURNS TABLE (expired bigint, held bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT kbchat_viewer_administers() THEN
        RAISE EXCEPTION 'only administrators look ahead' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY SELECT count(*) FILTER (WHERE NOT e.is_held), count(*) FILTER (WHERE e.is_held)
                 FROM kbchat_conversations_to_expire(days, NULL) e;
END $$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {EXPIRING}, {FORESEE} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {FORESEE} TO kbchat_application_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("retention", "0004_temporary_conversations")]

    operations = [
        migrations.CreateModel(
            name="ErasureReceipt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("person_id", models.UUIDField()),
                ("erased_by", models.UUIDField()),
                ("erased_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("conversations", models.PositiveIntegerField()),
                ("questions", models.PositiveIntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL([POLICIES, GATE], migrations.RunSQL.noop),
    ]

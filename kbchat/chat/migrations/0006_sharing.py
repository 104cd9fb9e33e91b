"""Shared turns are read by people who do not own them, under the rights of both.

kbchat_masked_turns  those of some turns that rest on a passage which a person may not read (any more)
kbchat_shared_turns  what a link shows to the viewer: of an answer that he or whoever shared it may not read, the
                     question alone; and nothing once the link is revoked or late, or its owner has left

The tables themselves stay closed to everybody but the owner: the second function is the only way in.
"""

from django.db import migrations

OWNED = """
ALTER TABLE chat_share ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_share FORCE ROW LEVEL SECURITY;
ALTER TABLE chat_share_turns ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_share_turns FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON chat_share TO kbchat_application_rights
    USING (owner_id = kbchat_viewer())
    WITH CHECK (owner_id = kbchat_viewer() AND conversation_id IN (SELECT id FROM chat_conversation));
CREATE POLICY owner_only ON chat_share_turns TO kbchat_application_rights
    USING (share_id IN (SELECT id FROM chat_share))
    WITH CHECK (share_id IN (SELECT id FROM chat_share) AND turn_id IN (SELECT id FROM chat_turn));
"""

READ_BY_THE_GATE = ["chat_conversation", "chat_share", "chat_share_turns", "chat_shown"]

MASKED = """
CREATE FUNCTION kbchat_masked_turns(person uuid, turns uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT s.turn_id FROM chat_shown s
    WHERE s.turn_id = ANY (turns) AND NOT (
        EXISTS (SELECT 1 FROM documents_documentversion v
                WHERE v.id = s.version_id AND v.document_id IN (SELECT kbchat_visible_documents(person))
                  AND v.id NOT IN (SELECT kbchat_withheld_versions(person)))
        AND EXISTS (SELECT 1 FROM documents_section x
                    WHERE x.id = s.section_id AND x.id NOT IN (SELECT kbchat_closed_sections(person)))
    )
$$;
REVOKE ALL ON FUNCTION kbchat_masked_turns(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kbchat_masked_turns(uuid, uuid[]) TO kbchat_application_rights, kbchat_gate;
"""

SHARED = """
CREATE FUNCTION kbchat_shared_turns(share_digest text)
RETURNS TABLE (title text, shared_by text, expires_at timestamptz, turn_id uuid, parent_id uuid, question text,
               state text, created_at timestamptz, masked boolean, events jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH opened AS (
        SELECT s.id, s.expires_at, s.owner_id, o.name, c.title
        FROM chat_share s JOIN accounts_user o ON o.id = s.owner_id
        JOIN chat_conversation c ON c.id = s.conversation_id
        WHERE s.digest = share_digest AND s.revoked_at IS NULL AND s.expires_at > now() AND o.is_active
          AND EXISTS (SELECT 1 FROM accounts_user r WHERE r.id = kbchat_viewer() AND r.is_active)
    ), shown AS (
        SELECT t.* FROM chat_turn t JOIN chat_share_turns x ON x.turn_id = t.id JOIN opened o ON o.id = x.share_id
    ), ids AS (
        SELECT coalesce(array_agg(id), '{}') AS of_turns FROM shown
    ), hidden AS (
        SELECT m.id FROM ids, kbchat_masked_turns(kbchat_viewer(), ids.of_turns) AS m(id)
        UNION
        SELECT m.id FROM ids, opened o, kbchat_masked_turns(o.owner_id, ids.of_turns) AS m(id)
    )
    SELECT o.title, o.name, o.expires_at, s.id, s.parent_id, s.question, s.state, s.created_at, h.id IS NOT NULL,
           CASE WHEN h.id IS NULL THEN s.events ELSE '[]' END
    FROM opened o, shown s LEFT JOIN hidden h ON h.id = s.id
    ORDER BY s.created_at
$$;
ALTER FUNCTION kbchat_shared_turns(text) OWNER TO kbchat_gate;
REVOKE ALL ON FUNCTION kbchat_shared_turns(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kbchat_shared_turns(text) TO kbchat_application_rights;
"""

GATE = (
    "".join(
        f"GRANT SELECT ON {table} TO kbchat_gate;\n"
        f"CREATE POLICY gate_reads ON {table} FOR SELECT TO kbchat_gate USING (true);\n"
        for table in READ_BY_THE_GATE
    )
    + f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\n{SHARED}\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_shares"), ("access", "0003_withheld_versions")]

    operations = [migrations.RunSQL([OWNED, MASKED, GATE], migrations.RunSQL.noop)]

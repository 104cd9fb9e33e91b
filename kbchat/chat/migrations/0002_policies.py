"""Conversations belong to one person, and the database says so.

Answers processes act for many people: they learn which turn to work on, and whose it is, through the functions at
the end, which tell ids and nothing else; then they read and write as that person.
"""

from django.db import migrations

OWNED = ["chat_conversation", "chat_turn"]
OF_A_TURN = ["chat_shown", "chat_citation"]

FORCE = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    for table in OWNED + OF_A_TURN
)
POLICIES = (
    "".join(
        f"CREATE POLICY owner_only ON {table} TO kbchat_application_rights "
        "USING (owner_id = kbchat_viewer()) WITH CHECK (owner_id = kbchat_viewer());\n"
        for table in OWNED
    )
    + "".join(
        f"CREATE POLICY owner_only ON {table} TO kbchat_application_rights "
        "USING (turn_id IN (SELECT id FROM chat_turn)) WITH CHECK (turn_id IN (SELECT id FROM chat_turn));\n"
        for table in OF_A_TURN
    )
    + "CREATE POLICY gate_works ON chat_turn TO kbchat_gate USING (true) WITH CHECK (true);\n"
)

FUNCTIONS = """
-- Takes the oldest waiting turn for `holder`; other claimers pass it by.
CREATE FUNCTION kbchat_claim_turn(holder uuid, lease_seconds double precision)
RETURNS TABLE (turn_id uuid, owner_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE chat_turn t SET state = 'running', lease = holder, leased_until = now() + make_interval(secs => lease_seconds)
    WHERE t.id = (SELECT w.id FROM chat_turn w WHERE w.state = 'queued' ORDER BY w.created_at
                  LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING t.id, t.owner_id
$$;

-- Prolongs the leases of the turns in `turns` that `holder` still has; returns which, and whether Stop was asked for.
CREATE FUNCTION kbchat_keep_turns(holder uuid, turns uuid[], lease_seconds double precision)
RETURNS TABLE (turn_id uuid, stop_requested boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE chat_turn t SET leased_until = now() + make_interval(secs => lease_seconds)
    WHERE t.id = ANY (turns) AND t.state = 'running' AND t.lease = holder
    RETURNING t.id, t.stop_requested_at IS NOT NULL
$$;

-- Running turns whose process is gone.
CREATE FUNCTION kbchat_abandoned_turns() RETURNS TABLE (turn_id uuid, owner_id uuid, lease uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, t.owner_id, t.lease FROM chat_turn t WHERE t.state = 'running' AND t.leased_until < now()
$$;
"""
NAMES = [
    "kbchat_claim_turn(uuid, double precision)",
    "kbchat_keep_turns(uuid, uuid[], double precision)",
    "kbchat_abandoned_turns()",
]
GATE = (
    "GRANT SELECT, UPDATE ON chat_turn TO kbchat_gate;\nGRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    + "".join(
        f"ALTER FUNCTION {name} OWNER TO kbchat_gate;\nREVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
        f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights;\n"
        for name in NAMES
    )
    + "REVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial"), ("access", "0002_visibility")]

    operations = [migrations.RunSQL([FORCE, POLICIES, FUNCTIONS, GATE], migrations.RunSQL.noop)]

"""The trail's promises, kept by the database: one chain, written by the database alone, added to and never changed.

Whoever records gives actor, action and subject; number, time, the hash of the event before and the event's own hash
are set here, whatever was sent. One transaction records at a time, and the next one waits for its end: so the order of
numbers is the order of commits, there are no gaps, and the last hash that is read is the last one there is.

The function runs as `kbchat_gate` (see access 0002_visibility): it must read the last event for those who may not.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION kbchat_chain_audit_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kbchat audit', 0));
    SELECT e.seq, e.hash INTO last FROM audit_auditevent e ORDER BY e.seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    -- Computed anew in kbchat/audit/verifying.py. None of the parts before the last can hold the separator.
    NEW.hash := sha256(NEW.previous || convert_to(concat_ws('|',
        NEW.seq, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce(NEW.actor_id::text, ''), NEW.action, NEW.subject::text), 'UTF8'));
    RETURN NEW;
END $$;

CREATE FUNCTION kbchat_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is added to and never changed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION kbchat_is_auditor(person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active AND u.is_auditor) $$;
"""

TRIGGERS = """
CREATE TRIGGER audit_event_is_chained BEFORE INSERT ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION kbchat_chain_audit_event();
-- Once for a statement, so that it is refused also where row-level security leaves it no row.
CREATE TRIGGER audit_event_is_never_changed BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION kbchat_refuse_audit_change();
CREATE TRIGGER audit_trail_is_never_emptied BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION kbchat_refuse_audit_change();

ALTER TABLE audit_auditevent
    ADD CONSTRAINT audit_action_is_a_word CHECK (action ~ '^[a-z_]+$'),
    -- Ids, hashes, words of the program's own: no sentence, no e-mail address, nothing in capitals or in Chinese.
    ADD CONSTRAINT audit_subject_has_no_text CHECK (jsonb_typeof(subject) = 'object' AND NOT jsonb_path_exists(
        subject, '$.** ? (@.type() == "string" && !(@ like_regex "^[a-z0-9_-]{1,64}$"))'));
"""

GATE = """
GRANT SELECT ON audit_auditevent TO kbchat_gate;
GRANT CREATE ON SCHEMA public TO kbchat_gate;
ALTER FUNCTION kbchat_chain_audit_event() OWNER TO kbchat_gate;
REVOKE ALL ON FUNCTION kbchat_chain_audit_event() FROM PUBLIC;
ALTER FUNCTION kbchat_is_auditor(uuid) OWNER TO kbchat_gate;
REVOKE ALL ON FUNCTION kbchat_is_auditor(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kbchat_is_auditor(uuid) TO kbchat_application_rights, kbchat_gate;
REVOKE CREATE ON SCHEMA public FROM kbchat_gate;
"""

# Inside `viewing` nobody is recorded but the viewer, and a worker acts for nobody. The owner makes the first people,
# and verifies the chain.
POLICIES = """
ALTER TABLE audit_auditevent ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_auditevent FORCE ROW LEVEL SECURITY;
CREATE POLICY gate_reads ON audit_auditevent FOR SELECT TO kbchat_gate USING (true);
CREATE POLICY auditor_reads ON audit_auditevent FOR SELECT TO kbchat_application_rights
    USING ((SELECT kbchat_is_auditor(kbchat_viewer())));
CREATE POLICY viewer_records ON audit_auditevent FOR INSERT TO kbchat_application_rights
    WITH CHECK (kbchat_viewer() IS NULL OR actor_id = kbchat_viewer());
CREATE POLICY worker_records ON audit_auditevent FOR INSERT TO kbchat_worker_rights WITH CHECK (actor_id IS NULL);
CREATE POLICY owner_records ON audit_auditevent FOR INSERT TO CURRENT_USER WITH CHECK (true);
CREATE POLICY owner_verifies ON audit_auditevent FOR SELECT TO CURRENT_USER USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_visibility"),
        ("accounts", "0002_user_is_auditor"),
        ("audit", "0001_initial"),
    ]

    operations = [migrations.RunSQL([FUNCTIONS, TRIGGERS, GATE, POLICIES], migrations.RunSQL.noop)]

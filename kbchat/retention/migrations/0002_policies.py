"""Receipts and holds are the administrators', rules their keepers'; workers write receipts and read what binds them.

Of conversations a worker has no right, and an administrator sees none. What retention does to them is done by functions
that tell counts alone:

kbchat_viewer_is_held          whether the viewer's conversations are kept by a legal hold
kbchat_forget_answers          takes answers that rest on purged documents out of turns: the words of a purged document
                               stand nowhere; the question stays, and so does what masks the turn
kbchat_expire_conversations    deletes what the conversations' rule lets go, some at a time
kbchat_erase_person            deletes what a person asked, said and signed in by; for administrators
kbchat_delete_conversations    what the two have in common; nobody's to call
"""

from django.db import migrations

TABLES = [
    "retention_deletionreceipt",
    "retention_legalhold",
    "retention_collectionrule",
    "retention_conversationrule",
]
FORCE = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    for table in TABLES
)
_ADMINISTERS = "(SELECT kbchat_is_administrator(kbchat_viewer()))"
_OWNED = "collection_id IN (SELECT c.collection_id FROM kbchat_collections_of(kbchat_viewer()) c WHERE c.role = 'owner')"
POLICIES = f"""
CREATE POLICY administrator_reads ON retention_deletionreceipt FOR SELECT TO kbchat_application_rights
    USING ({_ADMINISTERS});
CREATE POLICY editor_deletes ON retention_deletionreceipt FOR INSERT TO kbchat_application_rights
    WITH CHECK (deleted_by = kbchat_viewer() AND purged_at IS NULL
                AND document_id IN (SELECT kbchat_editable_documents(kbchat_viewer())));
CREATE POLICY worker_works ON retention_deletionreceipt TO kbchat_worker_rights USING (true) WITH CHECK (true);

CREATE POLICY administrator_holds ON retention_legalhold TO kbchat_application_rights
    USING ({_ADMINISTERS}) WITH CHECK ({_ADMINISTERS} AND placed_by_id = kbchat_viewer());
CREATE POLICY worker_reads ON retention_legalhold FOR SELECT TO kbchat_worker_rights USING (document_id IS NOT NULL);
CREATE POLICY gate_reads ON retention_legalhold FOR SELECT TO kbchat_gate USING (true);

CREATE POLICY owner_rules ON retention_collectionrule TO kbchat_application_rights
    USING ({_OWNED}) WITH CHECK ({_OWNED});
CREATE POLICY worker_reads ON retention_collectionrule FOR SELECT TO kbchat_worker_rights USING (true);

CREATE POLICY everybody_reads ON retention_conversationrule FOR SELECT TO kbchat_application_rights
    USING (kbchat_viewer() IS NOT NULL);
CREATE POLICY administrator_rules ON retention_conversationrule TO kbchat_application_rights
    USING ({_ADMINISTERS}) WITH CHECK ({_ADMINISTERS});
CREATE POLICY gate_reads ON retention_conversationrule FOR SELECT TO kbchat_gate USING (true);
"""

_AS_GATE = "SECURITY DEFINER SET search_path = public, pg_temp AS"
FUNCTIONS = f"""
CREATE FUNCTION kbchat_viewer_is_held() RETURNS boolean
LANGUAGE sql STABLE {_AS_GATE}
$$ SELECT EXISTS (SELECT 1 FROM retention_legalhold h WHERE h.person_id = kbchat_viewer()) $$;

CREATE FUNCTION kbchat_keep_held() RETURNS trigger
LANGUAGE plpgsql {_AS_GATE} $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_legalhold h WHERE h.person_id = OLD.owner_id) THEN
        RAISE EXCEPTION 'conversations of this person are held' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;

-- `purged`: versions that are removed in this transaction; NULL: all that are gone already. Only what no document that
-- is there has is forgotten, whoever asks.
CREATE FUNCTION kbchat_forget_answers(purged uuid[]) RETURNS TABLE (forgotten bigint, held bigint)
LANGUAGE sql VOLATILE {_AS_GATE} $$
    WITH gone AS (
        SELECT DISTINCT s.turn_id FROM chat_shown s
        LEFT JOIN documents_documentversion v ON v.id = s.version_id
        LEFT JOIN documents_document d ON d.id = v.document_id
        WHERE (purged IS NULL AND v.id IS NULL) OR (s.version_id = ANY (purged) AND d.deleted_at IS NOT NULL)
    ), resting AS (
        SELECT t.id, t.owner_id IN (SELECT h.person_id FROM retention_legalhold h WHERE h.person_id IS NOT NULL)
                         AS is_held
        FROM chat_turn t JOIN gone g ON g.turn_id = t.id
        WHERE t.answer <> '' OR t.events <> '[]'::jsonb OR t.trace <> '{{}}'::jsonb
           OR EXISTS (SELECT 1 FROM chat_citation c WHERE c.turn_id = t.id)
           OR EXISTS (SELECT 1 FROM chat_turnterms w WHERE w.turn_id = t.id)
    ), quotes AS (
        DELETE FROM chat_citation c USING resting r WHERE c.turn_id = r.id AND NOT r.is_held
    ), words AS (
        DELETE FROM chat_turnterms w USING resting r WHERE w.turn_id = r.id AND NOT r.is_held
    ), answers AS (
        UPDATE chat_turn t SET answer = '', events = '[]'::jsonb, trace = '{{}}'::jsonb
        FROM resting r WHERE t.id = r.id AND NOT r.is_held
    )
    SELECT count(*) FILTER (WHERE NOT is_held), count(*) FILTER (WHERE is_held) FROM resting
$$;

CREATE FUNCTION kbchat_delete_conversations(those uuid[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE {_AS_GATE} $$
DECLARE
    asked uuid[] := ARRAY(SELECT t.id FROM chat_turn t WHERE t.conversation_id = ANY (those));
BEGIN
    DELETE FROM accounts_notice WHERE about = ANY (asked);
    DELETE FROM insights_gapreport WHERE turn_id = ANY (asked);
    DELETE FROM chat_feedback WHERE turn_id = ANY (asked);
    DELETE FROM chat_citation WHERE turn_id = ANY (asked);
    DELETE FROM chat_turnterms WHERE turn_id = ANY (asked);
    DELETE FROM chat_shown WHERE turn_id = ANY (asked);
    DELETE FROM chat_share_turns WHERE turn_id = ANY (asked);
    DELETE FROM chat_share WHERE conversation_id = ANY (those);
    DELETE FROM chat_turn WHERE id = ANY (asked);
    DELETE FROM chat_conversation WHERE id = ANY (those);
    RETURN cardinality(asked);
END $$;

CREATE FUNCTION kbchat_expire_conversations(most integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE {_AS_GATE} $$
DECLARE
    old uuid[] := ARRAY(
        SELECT c.id FROM chat_conversation c JOIN retention_conversationrule r ON r.days IS NOT NULL
        WHERE c.updated_at < now() - make_interval(days => r.days)
          AND c.owner_id NOT IN (SELECT h.person_id FROM retention_legalhold h WHERE h.person_id IS NOT NULL)
        ORDER BY c.updated_at LIMIT most);
BEGIN
    PERFORM kbchat_delete_conversations(old);
    RETURN cardinality(old);
END $$;

CREATE FUNCTION kbchat_erase_person(person uuid) RETURNS TABLE (conversations bigint, turns bigint)
LANGUAGE plpgsql VOLATILE {_AS_GATE} $$
DECLARE
    theirs uuid[] := ARRAY(SELECT c.id FROM chat_conversation c WHERE c.owner_id = person);
BEGIN
    IF NOT kbchat_viewer_administers() THEN
        RAISE EXCEPTION 'only administrators erase people' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM insights_askedagain WHERE person_id = person;
    DELETE FROM chat_tokensspent WHERE owner_id = person;
    DELETE FROM accounts_apikey WHERE user_id = person;
    DELETE FROM accounts_onetimelink WHERE person_id = person;
    DELETE FROM accounts_notice WHERE person_id = person;
    DELETE FROM socialaccount_socialaccount WHERE user_id = person;
    RETURN QUERY SELECT cardinality(theirs)::bigint, kbchat_delete_conversations(theirs);
END $$;
"""

DELETED_FROM = [
    "chat_conversation",
    "chat_turn",
    "chat_turnterms",
    "chat_share",
    "chat_share_turns",
    "chat_shown",
    "chat_citation",
    "chat_feedback",
    "chat_tokensspent",
    "insights_gapreport",
]
_UNPROTECTED = ["accounts_apikey", "accounts_onetimelink", "accounts_notice", "socialaccount_socialaccount"]
CALLED_BY = {
    "kbchat_viewer_is_held()": ["kbchat_application_rights"],
    "kbchat_forget_answers(uuid[])": ["kbchat_worker_rights"],
    "kbchat_expire_conversations(integer)": ["kbchat_worker_rights"],
    "kbchat_erase_person(uuid)": ["kbchat_application_rights"],
    "kbchat_delete_conversations(uuid[])": [],
    "kbchat_keep_held()": [],
}
# Revoked and granted before the owner changes: afterwards nobody but the gate could.
GATE = (
    "GRANT SELECT ON retention_legalhold, retention_conversationrule, chat_tokensspent TO kbchat_gate;\n"
    f"GRANT SELECT, DELETE ON {', '.join([*DELETED_FROM, *_UNPROTECTED])} TO kbchat_gate;\n"
    + "".join(
        f"CREATE POLICY gate_deletes ON {table} FOR DELETE TO kbchat_gate USING (true);\n"
        for table in DELETED_FROM
    )
    + "CREATE POLICY gate_reads ON chat_tokensspent FOR SELECT TO kbchat_gate USING (true);\n"
    + "CREATE POLICY gate_reads ON chat_turnterms FOR SELECT TO kbchat_gate USING (true);\n"
    + "".join(
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
        + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO {role};\n" for role in roles)
        for name, roles in CALLED_BY.items()
    )
    + "GRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO kbchat_gate;\n" for name in CALLED_BY)
    + "REVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)
TRIGGERS = "".join(
    f"CREATE TRIGGER held_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION kbchat_keep_held();\n"
    for table in ("chat_conversation", "chat_turn")
)


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0001_initial"),
        ("access", "0009_access_class"),
        ("accounts", "0009_notices_of_gaps"),
        ("chat", "0013_history"),
        ("insights", "0003_figures"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [migrations.RunSQL([FORCE, POLICIES, FUNCTIONS, TRIGGERS, GATE], migrations.RunSQL.noop)]

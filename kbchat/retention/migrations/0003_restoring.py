"""What a person deleted can be restored until the days of its collection's rule are over, by whoever may delete it.

kbchat_restorable_documents  the documents that a person may restore now, with who deleted each; `days`: where a
                             collection has no rule
kbchat_withdraw_receipt      takes back the receipt of a document that is there again

What a source or a rule removed is not among them: a source brings its own back, and a rule would delete again. A
collection's editors may know how long what they delete there stays.
"""

from django.db import migrations, models

POLICIES = """
CREATE POLICY editor_reads ON retention_collectionrule FOR SELECT TO kbchat_application_rights
    USING (collection_id IN (SELECT c.collection_id FROM kbchat_collections_of(kbchat_viewer()) c
                             WHERE c.role = 'editor'));
CREATE POLICY gate_reads ON retention_collectionrule FOR SELECT TO kbchat_gate USING (true);
CREATE POLICY gate_reads ON retention_deletionreceipt FOR SELECT TO kbchat_gate USING (true);
CREATE POLICY gate_deletes ON retention_deletionreceipt FOR DELETE TO kbchat_gate USING (true);
GRANT SELECT ON retention_collectionrule TO kbchat_gate;
GRANT SELECT, DELETE ON retention_deletionreceipt TO kbchat_gate;
"""

RESTORABLE = "kbchat_restorable_documents(uuid, integer)"
WITHDRAW = "kbchat_withdraw_receipt(uuid)"
FUNCTIONS = """
CREATE FUNCTION kbchat_restorable_documents(person uuid, days integer)
RETURNS TABLE (document_id uuid, deleted_by uuid, restorable_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.id, r.deleted_by, until.at
    FROM documents_document d
    JOIN retention_deletionreceipt r ON r.document_id = d.id
    LEFT JOIN retention_collectionrule c ON c.collection_id = d.collection_id
    CROSS JOIN LATERAL (SELECT d.deleted_at + make_interval(days => coalesce(c.removed_days, days)) AS at) until
    WHERE d.deleted_at IS NOT NULL AND r.deleted_by IS NOT NULL AND r.purged_at IS NULL AND until.at > statement_timestamp()
      AND d.id IN (SELECT e.id FROM kbchat_editable_documents(person) AS e(id))
$$;

CREATE FUNCTION kbchat_withdraw_receipt(document uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM retention_deletionreceipt r USING documents_document d
    WHERE r.document_id = document AND d.id = document AND d.deleted_at IS NULL AND r.purged_at IS NULL
      AND d.id IN (SELECT e.id FROM kbchat_editable_documents(kbchat_viewer()) AS e(id))
$$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {RESTORABLE}, {WITHDRAW} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {RESTORABLE}, {WITHDRAW} TO kbchat_application_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_policies")]

    operations = [
        migrations.AlterField("collectionrule", "removed_days", models.PositiveIntegerField(default=7)),
        migrations.RunSQL([POLICIES, GATE], migrations.RunSQL.noop),
    ]

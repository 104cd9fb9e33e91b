"""Grants on documents that a source's run writes: they let somebody read who reads the collection anyway, and nobody else.

kbchat_granted_documents   counts such a grant beside a right on the document's collection alone, whatever becomes of that
kbchat_access_class        of such a document, who reads the collection belongs to its readership

A worker writes no other grant, and only as somebody who owns the document's collection; the application writes none.
"""

from django.db import migrations, models

FUNCTIONS = """
CREATE OR REPLACE FUNCTION kbchat_granted_documents(person uuid) RETURNS TABLE (document_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person))
    SELECT d.id, m.role::text FROM mine m JOIN documents_document d ON d.id = m.document_id
    JOIN documents_collection c ON c.id = d.collection_id
    WHERE NOT m.deny AND c.deleted_at IS NULL
      AND d.collection_id NOT IN (SELECT x.collection_id FROM mine x WHERE x.deny AND x.collection_id IS NOT NULL)
      AND (kbchat_within() IS NULL OR d.collection_id = ANY (kbchat_within()))
      AND (NOT m.is_from_source OR d.collection_id IN (SELECT s.collection_id FROM kbchat_collections_of(person) s))
$$;

CREATE OR REPLACE FUNCTION kbchat_access_class(versions uuid[], paths text[]) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH asked AS (SELECT DISTINCT a.version, a.path FROM unnest(versions, paths) AS a(version, path)),
    placed AS (
        SELECT a.version, a.path, d.id, d.collection_id, d.has_own_list,
            EXISTS (SELECT 1 FROM access_grant s WHERE s.document_id = d.id AND s.is_from_source) AS of_a_source
        FROM asked a JOIN documents_documentversion v ON v.id = a.version
        JOIN documents_document d ON d.id = v.document_id AND d.deleted_at IS NULL
    ),
    listed AS (
        SELECT concat_ws(E'\\n',
            (SELECT concat(p.version, ' ', p.path) WHERE EXISTS (
                SELECT 1 FROM access_grant g JOIN documents_section s ON s.id = g.section_id
                WHERE s.document_id = p.id)),
            (SELECT string_agg(DISTINCT concat_ws(' ',
                CASE WHEN g.is_from_source THEN 'from source' END,
                CASE WHEN p.of_a_source AND g.collection_id IS NOT NULL THEN concat('shelf ', g.role = 'owner') END,
                g.deny, g.everyone, 'user ' || g.user_id, 'group ' || g.group_id), E'\\n')
             FROM access_grant g
             WHERE g.document_id = p.id
                OR (g.collection_id = p.collection_id
                    AND (g.deny OR g.role = 'owner' OR NOT p.has_own_list OR p.of_a_source)))
            ) AS readers
        FROM placed p
    )
    SELECT sha256(convert_to(string_agg(DISTINCT l.readers, E'\\n\\n'), 'UTF8')) FROM listed l
    HAVING (SELECT count(*) FROM asked) = (
        SELECT count(*) FROM placed p WHERE p.id IN (
            SELECT r.document_id FROM kbchat_roles_in(kbchat_viewer(), ARRAY(SELECT x.id FROM placed x)) r))
$$;
"""
# Who owns a function may replace it.
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)

# Grants hold no text, and everybody's decide what anybody reads: who may read them is no matter of rows.
POLICIES = """
ALTER TABLE access_grant ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_reads ON access_grant FOR SELECT TO kbchat_gate USING (true);
CREATE POLICY application_works ON access_grant TO kbchat_application_rights
    USING (true) WITH CHECK (NOT is_from_source);
CREATE POLICY worker_reads ON access_grant FOR SELECT TO kbchat_worker_rights USING (true);
CREATE POLICY worker_removes ON access_grant FOR DELETE TO kbchat_worker_rights USING (true);
CREATE POLICY worker_adds_as_an_owner ON access_grant FOR INSERT TO kbchat_worker_rights
    WITH CHECK (is_from_source AND EXISTS (
        SELECT 1 FROM kbchat_roles_in(kbchat_viewer(), ARRAY[document_id]) r WHERE r.role = 'owner'));
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0011_searching_by_kind_and_date")]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="is_from_source",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveConstraint(model_name="grant", name="grant_is_given_once"),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                fields=("collection", "document", "section", "user", "group", "everyone", "deny", "is_from_source"),
                name="grant_is_given_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_from_source", False))
                | models.Q(("deny", False), ("document__isnull", False), ("role", "reader"), ("user__isnull", True)),
                name="grant_from_a_source_lets_groups_read_a_document",
            ),
        ),
        migrations.RunSQL([GATE, POLICIES], migrations.RunSQL.noop),
    ]

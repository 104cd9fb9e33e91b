"""Grants on documents that a source's run writes: they let somebody read who reads the collection anyway, and nobody else.

kbchat_groups_of      the groups that somebody is in, nested ones too
kbchat_grants_of      without these grants: they are asked for with a document's row, by the rule, which counts them beside a
                      right on the document's collection alone, whatever becomes of that
kbchat_access_class   of such a document, who reads the collection belongs to its readership

A worker writes no other grant, and only as somebody who owns the document's collection; the application writes none.
"""

from django.db import migrations, models

_RULE = """{d}.id NOT IN (SELECT kbchat_denied_documents({person}))
    AND (({d}.collection_id, {d}.has_own_list) IN (
             SELECT s.collection_id, s.own_list FROM kbchat_shelves_of({person}) s WHERE s.role = ANY ({roles}))
         OR {d}.id IN (SELECT g.document_id FROM kbchat_granted_documents({person}) g WHERE g.role = ANY ({roles}))"""
# Looked up by the document's row: a source grants by the thousand, and the lists above are to stay short.
_FROM_SOURCE = """
         OR ({d}.has_own_list
             AND {d}.collection_id IN (SELECT c.collection_id FROM kbchat_collections_of({person}) c)
             AND EXISTS (
                 SELECT 1 FROM access_grant f WHERE f.document_id = {d}.id AND f.is_from_source
                 AND (f.everyone OR f.group_id IN (SELECT r.id FROM kbchat_groups_of({person}) AS r(id)))))"""


def _rule(row, person, roles, more=""):
    return "(" + (_RULE + more).format(d=row, person=person, roles=f"'{{{roles}}}'::text[]") + "))"


def _reads(row, person):
    return _rule(row, person, "reader,editor,owner", _FROM_SOURCE)


def _edits(row, person):
    return _rule(row, person, "editor,owner")


_AS_GATE = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS"
FUNCTIONS = f"""
CREATE FUNCTION kbchat_groups_of(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp AS $$
    WITH RECURSIVE reached(group_id) AS (
        SELECT m.group_id FROM accounts_membership m WHERE m.user_id = person
        UNION
        SELECT i.container_id FROM accounts_groupinclusion i JOIN reached r ON i.included_id = r.group_id
    )
    SELECT group_id FROM reached
$$;

CREATE OR REPLACE FUNCTION kbchat_grants_of(person uuid) RETURNS SETOF access_grant
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp AS $$
    SELECT g.id, g.everyone, g.role, g.deny, g.created_at, g.collection_id, g.document_id, g.group_id, g.section_id,
        g.user_id, g.is_from_source
    FROM access_grant g
    WHERE EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active)
      AND (g.everyone OR g.user_id = person OR g.group_id IN (SELECT r.id FROM kbchat_groups_of(person) AS r(id)))
      AND NOT g.is_from_source
$$;

CREATE OR REPLACE FUNCTION kbchat_visible_documents(person uuid) RETURNS SETOF uuid
{_AS_GATE} $$ SELECT d.id FROM documents_document d WHERE d.deleted_at IS NULL AND {_reads("d", "person")} $$;

CREATE OR REPLACE FUNCTION kbchat_roles_in(person uuid, documents uuid[]) RETURNS TABLE (document_id uuid, role text)
{_AS_GATE} $$
    SELECT d.id, CASE WHEN {_rule("d", "person", "owner")} THEN 'owner' WHEN {_edits("d", "person")} THEN 'editor'
                 ELSE 'reader' END
    FROM documents_document d WHERE d.id = ANY (documents) AND {_reads("d", "person")}
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
    "REVOKE ALL ON FUNCTION kbchat_groups_of(uuid) FROM PUBLIC;\n"
    "GRANT EXECUTE ON FUNCTION kbchat_groups_of(uuid) TO kbchat_application_rights, kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)

# In the order in which whoever reads takes them: in another one each would wait for the other.
LOCKS = "LOCK TABLE documents_document, access_grant"

# Grants hold no text, and everybody's decide what anybody reads: who may read them is no matter of rows.
_VIEWER = "kbchat_viewer()"
POLICIES = f"""
ALTER POLICY viewer_reads ON documents_document
    USING (CASE WHEN deleted_at IS NULL THEN {_reads("documents_document", _VIEWER)}
           ELSE {_edits("documents_document", _VIEWER)} END);

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
        migrations.RunSQL(LOCKS, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="grant",
            name="is_from_source",
            field=models.BooleanField(db_default=False, default=False),
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

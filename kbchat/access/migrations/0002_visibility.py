"""The visibility predicate, in the one place where it cannot be forgotten: the database.

kbchat_grants_of          the grants that reach an active person (himself, his groups, nested ones, everyone)
kbchat_visible_documents  what he may read; retrieval joins it (layer A), the policies below use it too (layer B)
kbchat_closed_sections    sections denied to him, with all that stands below them
kbchat_editable_documents, kbchat_collections_of   what he may change, and as what

The functions run as `kbchat_gate`, which nobody can log in as: the one role whose policies let it see all rows, since
a rule cannot be read under the rule that it defines. The owner of the tables is bound by the policies too (FORCE).
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION kbchat_viewer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('kbchat.viewer', true), '')::uuid $$;

CREATE FUNCTION kbchat_grants_of(person uuid) RETURNS SETOF access_grant
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE reached(group_id) AS (
        SELECT m.group_id FROM accounts_membership m WHERE m.user_id = person
        UNION
        SELECT i.container_id FROM accounts_groupinclusion i JOIN reached r ON i.included_id = r.group_id
    )
    SELECT g.* FROM access_grant g
    WHERE EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active)
      AND (g.everyone OR g.user_id = person OR g.group_id IN (SELECT group_id FROM reached))
$$;

CREATE FUNCTION kbchat_collections_of(person uuid) RETURNS TABLE (collection_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person))
    SELECT m.collection_id, (array_agg(m.role ORDER BY array_position('{owner,editor,reader}', m.role::text)))[1]
    FROM mine m JOIN documents_collection c ON c.id = m.collection_id
    WHERE NOT m.deny AND c.deleted_at IS NULL
      AND m.collection_id NOT IN (SELECT d.collection_id FROM mine d WHERE d.deny AND d.collection_id IS NOT NULL)
    GROUP BY m.collection_id
$$;

CREATE FUNCTION kbchat_reachable_documents(person uuid) RETURNS TABLE (document_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person)),
    shelves AS MATERIALIZED (SELECT * FROM kbchat_collections_of(person)),
    denied_shelves AS (SELECT collection_id FROM mine WHERE deny AND collection_id IS NOT NULL),
    denied AS (SELECT document_id FROM mine WHERE deny AND document_id IS NOT NULL),
    reached AS (
        SELECT d.id, s.role FROM documents_document d JOIN shelves s ON s.collection_id = d.collection_id
        WHERE NOT d.has_own_list OR s.role = 'owner'
        UNION ALL
        SELECT d.id, m.role FROM documents_document d JOIN mine m ON m.document_id = d.id
        JOIN documents_collection c ON c.id = d.collection_id
        WHERE NOT m.deny AND c.deleted_at IS NULL
          AND d.collection_id NOT IN (SELECT collection_id FROM denied_shelves)
    )
    SELECT r.id, (array_agg(r.role ORDER BY array_position('{owner,editor,reader}', r.role::text)))[1]
    FROM reached r WHERE r.id NOT IN (SELECT document_id FROM denied)
    GROUP BY r.id
$$;

CREATE FUNCTION kbchat_visible_documents(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.document_id FROM kbchat_reachable_documents(person) r JOIN documents_document d ON d.id = r.document_id
    WHERE d.deleted_at IS NULL
$$;

-- Deleted ones too: whoever deletes a document must be able to write the row that says so.
CREATE FUNCTION kbchat_editable_documents(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.document_id FROM kbchat_reachable_documents(person) r WHERE r.role IN ('editor', 'owner')
$$;

CREATE FUNCTION kbchat_visible_collections(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT collection_id FROM kbchat_collections_of(person)
    UNION
    SELECT d.collection_id FROM documents_document d WHERE d.id IN (SELECT kbchat_visible_documents(person))
$$;

CREATE FUNCTION kbchat_closed_sections(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE closed(id) AS (
        SELECT section_id FROM kbchat_grants_of(person) WHERE deny AND section_id IS NOT NULL
        UNION
        SELECT s.id FROM documents_section s JOIN closed c ON s.parent_id = c.id
    )
    SELECT id FROM closed
$$;

CREATE FUNCTION kbchat_documents_with_closed_sections(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT s.document_id FROM documents_section s WHERE s.id IN (SELECT kbchat_closed_sections(person))
$$;

-- The versions that answer a person on a day: visible, published, in force.
CREATE FUNCTION kbchat_searchable_versions(person uuid, as_of date) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM documents_documentversion v
    WHERE v.in_force @> as_of AND v.document_id IN (SELECT kbchat_visible_documents(person))
$$;

CREATE FUNCTION kbchat_is_administrator(person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active AND u.is_administrator) $$;
"""

FUNCTION_NAMES = [
    "kbchat_grants_of(uuid)",
    "kbchat_collections_of(uuid)",
    "kbchat_reachable_documents(uuid)",
    "kbchat_visible_documents(uuid)",
    "kbchat_editable_documents(uuid)",
    "kbchat_visible_collections(uuid)",
    "kbchat_closed_sections(uuid)",
    "kbchat_documents_with_closed_sections(uuid)",
    "kbchat_searchable_versions(uuid, date)",
    "kbchat_is_administrator(uuid)",
]

GATE = (
    "GRANT SELECT ON accounts_user, accounts_membership, accounts_groupinclusion, access_grant, "
    "documents_collection, documents_document, documents_documentversion, documents_section TO kbchat_gate;\n"
    "GRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    + "".join(
        f"ALTER FUNCTION {name} OWNER TO kbchat_gate;\n"
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
        f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights, kbchat_worker_rights, kbchat_gate;\n"
        for name in FUNCTION_NAMES
    )
    + "REVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)

PROTECTED = [
    "documents_collection",
    "documents_document",
    "documents_documentversion",
    "documents_versioncontent",
    "documents_section",
    "ingestion_chunk",
]

FORCE = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    f"CREATE POLICY gate_reads ON {table} FOR SELECT TO kbchat_gate USING (true);\n"
    f"CREATE POLICY worker_works ON {table} TO kbchat_worker_rights USING (true) WITH CHECK (true);\n"
    for table in PROTECTED
)

POLICIES = """
CREATE POLICY viewer_reads ON documents_collection FOR SELECT TO kbchat_application_rights
    USING (id IN (SELECT kbchat_visible_collections(kbchat_viewer())));
CREATE POLICY administrator_adds ON documents_collection FOR INSERT TO kbchat_application_rights
    WITH CHECK (created_by_id = kbchat_viewer() AND kbchat_is_administrator(kbchat_viewer()));
CREATE POLICY owner_changes ON documents_collection FOR UPDATE TO kbchat_application_rights
    USING (id IN (SELECT collection_id FROM kbchat_collections_of(kbchat_viewer()) WHERE role = 'owner'));

CREATE POLICY viewer_reads ON documents_document FOR SELECT TO kbchat_application_rights
    USING (id IN (SELECT kbchat_visible_documents(kbchat_viewer()))
           OR id IN (SELECT kbchat_editable_documents(kbchat_viewer())));
CREATE POLICY editor_adds ON documents_document FOR INSERT TO kbchat_application_rights
    WITH CHECK (collection_id IN (
        SELECT collection_id FROM kbchat_collections_of(kbchat_viewer()) WHERE role IN ('editor', 'owner')));
CREATE POLICY editor_changes ON documents_document FOR UPDATE TO kbchat_application_rights
    USING (id IN (SELECT kbchat_editable_documents(kbchat_viewer())))
    WITH CHECK (collection_id IN (
        SELECT collection_id FROM kbchat_collections_of(kbchat_viewer()) WHERE role IN ('editor', 'owner')));

-- A subquery inside a policy is itself under the policies: a version is seen exactly where its document is.
CREATE POLICY viewer_reads ON documents_documentversion FOR SELECT TO kbchat_application_rights
    USING (document_id IN (SELECT id FROM documents_document));
CREATE POLICY editor_adds ON documents_documentversion FOR INSERT TO kbchat_application_rights
    WITH CHECK (document_id IN (SELECT kbchat_editable_documents(kbchat_viewer())));

CREATE POLICY viewer_reads ON documents_versioncontent FOR SELECT TO kbchat_application_rights
    USING (EXISTS (SELECT 1 FROM documents_documentversion v WHERE v.id = version_id
                   AND v.document_id NOT IN (SELECT kbchat_documents_with_closed_sections(kbchat_viewer()))));

CREATE POLICY viewer_reads ON documents_section FOR SELECT TO kbchat_application_rights
    USING (EXISTS (SELECT 1 FROM documents_document d WHERE d.id = document_id)
           AND id NOT IN (SELECT kbchat_closed_sections(kbchat_viewer())));

CREATE POLICY viewer_reads ON ingestion_chunk FOR SELECT TO kbchat_application_rights
    USING (EXISTS (SELECT 1 FROM documents_documentversion v WHERE v.id = version_id)
           AND section_id NOT IN (SELECT kbchat_closed_sections(kbchat_viewer())));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("accounts", "0001_initial"),
        ("documents", "0001_initial"),
        ("ingestion", "0001_initial"),
    ]

    operations = [migrations.RunSQL([FUNCTIONS, GATE, FORCE, POLICIES], migrations.RunSQL.noop)]

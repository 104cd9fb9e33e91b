"""A new version may lack a heading that is closed to somebody: what stood below it may now stand anywhere in it.

kbchat_withheld_versions  versions that a person must not be answered from: those that lack a heading closed to him,
                          and for everybody but editors those that came after a heading was closed and lack it, until
                          an editor confirms them

Searching and reading leave them out, as versions whose document is not his.
"""

from django.db import migrations

# The owner of the tables is bound by their policies too; inside this transaction, which nobody else sees, he is not.
_READ = ["documents_documentversion", "documents_section", "ingestion_chunk"]
FILL = (
    "".join(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;\n" for table in _READ)
    + """
WITH RECURSIVE standing(version_id, section_id) AS (
    SELECT DISTINCT version_id, section_id FROM ingestion_chunk
    UNION
    SELECT s.version_id, x.parent_id FROM standing s JOIN documents_section x ON x.id = s.section_id
    WHERE x.parent_id IS NOT NULL
)
UPDATE documents_documentversion v SET sections = f.ids
FROM (SELECT version_id, array_agg(section_id) AS ids FROM standing GROUP BY version_id) f WHERE f.version_id = v.id;
"""
    + "".join(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n" for table in _READ)
)

FUNCTIONS = """
CREATE FUNCTION kbchat_withheld_versions(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM access_grant g
    JOIN documents_section s ON s.id = g.section_id
    JOIN documents_documentversion v ON v.document_id = s.document_id
    WHERE g.deny AND v.confirmed_at IS NULL AND NOT s.id = ANY (v.sections)
      AND (s.id IN (SELECT kbchat_closed_sections(person))
           OR (v.uploaded_at > g.created_at AND v.document_id NOT IN (SELECT kbchat_editable_documents(person))))
$$;

CREATE OR REPLACE FUNCTION kbchat_searchable_versions(person uuid, as_of date) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM documents_documentversion v
    WHERE v.in_force @> as_of AND v.document_id IN (SELECT kbchat_visible_documents(person))
      AND v.id NOT IN (SELECT kbchat_withheld_versions(person))
$$;

-- The versions that lack a heading which is closed to somebody, and wait for an editor.
CREATE FUNCTION kbchat_unconfirmed_versions() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT v.id FROM access_grant g
    JOIN documents_section s ON s.id = g.section_id
    JOIN documents_documentversion v ON v.document_id = s.document_id
    WHERE g.deny AND v.confirmed_at IS NULL AND v.uploaded_at > g.created_at AND v.state = 'ready'
      AND NOT s.id = ANY (v.sections)
$$;
"""

NEW_FUNCTIONS = ["kbchat_withheld_versions(uuid)", "kbchat_unconfirmed_versions()"]

# Who owns a function may replace it.
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    + "".join(
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
        f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights, kbchat_worker_rights;\n"
        for name in NEW_FUNCTIONS
    )
    + "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)

POLICIES = """
ALTER POLICY viewer_reads ON documents_versioncontent
    USING (EXISTS (SELECT 1 FROM documents_documentversion v WHERE v.id = version_id
                   AND v.document_id NOT IN (SELECT kbchat_documents_with_closed_sections(kbchat_viewer())))
           AND version_id NOT IN (SELECT kbchat_withheld_versions(kbchat_viewer())));
ALTER POLICY viewer_reads ON ingestion_chunk
    USING (EXISTS (SELECT 1 FROM documents_documentversion v WHERE v.id = version_id)
           AND section_id NOT IN (SELECT kbchat_closed_sections(kbchat_viewer()))
           AND version_id NOT IN (SELECT kbchat_withheld_versions(kbchat_viewer())));
CREATE POLICY editor_confirms ON documents_documentversion FOR UPDATE TO kbchat_application_rights
    USING (document_id IN (SELECT kbchat_editable_documents(kbchat_viewer()))
           AND id NOT IN (SELECT kbchat_withheld_versions(kbchat_viewer())));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_visibility"),
        ("documents", "0002_sections_of_versions"),
        ("ingestion", "0001_initial"),
    ]

    operations = [migrations.RunSQL([FILL, GATE, POLICIES], migrations.RunSQL.noop)]

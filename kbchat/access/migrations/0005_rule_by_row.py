"""The rule as a condition on a document's row, so that its cost follows what a person was given and not what he may read.

Before, every policy made the list of all documents that he may read, several times in one statement: with ten thousand
of them, reading twenty passages took as long as ranking a hundred thousand. Now a row is looked up in short lists:

kbchat_shelves_of         the collections that are open to a person, each for documents without and with their own list
kbchat_granted_documents  documents that are granted to him by themselves
kbchat_denied_documents   documents that are denied to him
kbchat_roles_in           his role in each of some documents, in place of kbchat_reachable_documents, which told it of all

`_RULE` is the rule: the functions that searching uses and the policies are made of the same words.
"""

from django.db import migrations

_RULE = """{d}.id NOT IN (SELECT kbchat_denied_documents({person}))
    AND (({d}.collection_id, {d}.has_own_list) IN (
             SELECT s.collection_id, s.own_list FROM kbchat_shelves_of({person}) s WHERE s.role = ANY ({roles}))
         OR {d}.id IN (SELECT g.document_id FROM kbchat_granted_documents({person}) g WHERE g.role = ANY ({roles})))"""


def _rule(row: str, person: str, roles: str) -> str:
    return "(" + _RULE.format(d=row, person=person, roles=f"'{{{roles}}}'::text[]") + ")"


def _reads(row: str, person: str) -> str:
    return _rule(row, person, "reader,editor,owner")


def _edits(row: str, person: str) -> str:
    return _rule(row, person, "editor,owner")


_AS_GATE = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS"

FUNCTIONS = f"""
CREATE FUNCTION kbchat_shelves_of(person uuid) RETURNS TABLE (collection_id uuid, own_list boolean, role text)
{_AS_GATE} $$
    SELECT c.collection_id, o.own_list, c.role
    FROM kbchat_collections_of(person) c CROSS JOIN (VALUES (false), (true)) o(own_list)
    WHERE c.role = 'owner' OR NOT o.own_list
$$;

CREATE FUNCTION kbchat_granted_documents(person uuid) RETURNS TABLE (document_id uuid, role text)
{_AS_GATE} $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person))
    SELECT d.id, m.role::text FROM mine m JOIN documents_document d ON d.id = m.document_id
    JOIN documents_collection c ON c.id = d.collection_id
    WHERE NOT m.deny AND c.deleted_at IS NULL
      AND d.collection_id NOT IN (SELECT x.collection_id FROM mine x WHERE x.deny AND x.collection_id IS NOT NULL)
$$;

CREATE FUNCTION kbchat_denied_documents(person uuid) RETURNS SETOF uuid
{_AS_GATE} $$ SELECT document_id FROM kbchat_grants_of(person) WHERE deny AND document_id IS NOT NULL $$;

CREATE OR REPLACE FUNCTION kbchat_visible_documents(person uuid) RETURNS SETOF uuid
{_AS_GATE} $$ SELECT d.id FROM documents_document d WHERE d.deleted_at IS NULL AND {_reads("d", "person")} $$;

CREATE OR REPLACE FUNCTION kbchat_editable_documents(person uuid) RETURNS SETOF uuid
{_AS_GATE} $$ SELECT d.id FROM documents_document d WHERE {_edits("d", "person")} $$;

CREATE FUNCTION kbchat_roles_in(person uuid, documents uuid[]) RETURNS TABLE (document_id uuid, role text)
{_AS_GATE} $$
    SELECT d.id, CASE WHEN {_rule("d", "person", "owner")} THEN 'owner' WHEN {_edits("d", "person")} THEN 'editor'
                 ELSE 'reader' END
    FROM documents_document d WHERE d.id = ANY (documents) AND {_reads("d", "person")}
$$;
DROP FUNCTION kbchat_reachable_documents(uuid);

-- A document that is read by its collection's grant stands in a collection that is read; others were granted.
CREATE OR REPLACE FUNCTION kbchat_visible_collections(person uuid) RETURNS SETOF uuid
{_AS_GATE} $$
    SELECT collection_id FROM kbchat_collections_of(person)
    UNION
    SELECT d.collection_id FROM kbchat_granted_documents(person) g JOIN documents_document d ON d.id = g.document_id
    WHERE d.deleted_at IS NULL AND d.id NOT IN (SELECT kbchat_denied_documents(person))
$$;

-- The lists are short; with the usual guess of a thousand rows, plans would rather read whole tables.
ALTER FUNCTION kbchat_grants_of(uuid) ROWS 20;
ALTER FUNCTION kbchat_collections_of(uuid) ROWS 20;
ALTER FUNCTION kbchat_shelves_of(uuid) ROWS 20;
ALTER FUNCTION kbchat_granted_documents(uuid) ROWS 20;
ALTER FUNCTION kbchat_denied_documents(uuid) ROWS 20;
ALTER FUNCTION kbchat_closed_sections(uuid) ROWS 50;
"""

NEW_FUNCTIONS = [
    "kbchat_shelves_of(uuid)",
    "kbchat_granted_documents(uuid)",
    "kbchat_denied_documents(uuid)",
    "kbchat_roles_in(uuid, uuid[])",
]

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

_VIEWER = "kbchat_viewer()"
POLICIES = f"""
ALTER POLICY viewer_reads ON documents_document
    USING (CASE WHEN deleted_at IS NULL THEN {_reads("documents_document", _VIEWER)}
           ELSE {_edits("documents_document", _VIEWER)} END);
ALTER POLICY editor_changes ON documents_document USING ({_edits("documents_document", _VIEWER)});

-- EXISTS and not IN: for few rows it is an index lookup each, for many still one list.
ALTER POLICY viewer_reads ON documents_documentversion
    USING (EXISTS (SELECT 1 FROM documents_document d WHERE d.id = document_id));
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0004_confirmed_since")]

    operations = [migrations.RunSQL([GATE, POLICIES], migrations.RunSQL.noop)]

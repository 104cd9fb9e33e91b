"""A viewer who came by an API key for some collections sees nothing of the others.

kbchat_within   the collections that the viewer of this transaction is narrowed to; NULL: all of them

The narrowing stands where rights begin, so that everything that is made of them is narrowed: searching, both layers,
roles, masks. Nothing becomes visible by it.
"""

from django.db import migrations

WITHIN = """
CREATE FUNCTION kbchat_within() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('kbchat.within', true), '')::uuid[] $$;
GRANT EXECUTE ON FUNCTION kbchat_within() TO kbchat_application_rights, kbchat_worker_rights, kbchat_gate;
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION kbchat_collections_of(person uuid) RETURNS TABLE (collection_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person))
    SELECT m.collection_id, (array_agg(m.role ORDER BY array_position('{owner,editor,reader}', m.role::text)))[1]
    FROM mine m JOIN documents_collection c ON c.id = m.collection_id
    WHERE NOT m.deny AND c.deleted_at IS NULL
      AND m.collection_id NOT IN (SELECT d.collection_id FROM mine d WHERE d.deny AND d.collection_id IS NOT NULL)
      AND (kbchat_within() IS NULL OR m.collection_id = ANY (kbchat_within()))
    GROUP BY m.collection_id
$$;

CREATE OR REPLACE FUNCTION kbchat_granted_documents(person uuid) RETURNS TABLE (document_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person))
    SELECT d.id, m.role::text FROM mine m JOIN documents_document d ON d.id = m.document_id
    JOIN documents_collection c ON c.id = d.collection_id
    WHERE NOT m.deny AND c.deleted_at IS NULL
      AND d.collection_id NOT IN (SELECT x.collection_id FROM mine x WHERE x.deny AND x.collection_id IS NOT NULL)
      AND (kbchat_within() IS NULL OR d.collection_id = ANY (kbchat_within()))
$$;
"""

# Who owns a function may replace it; what 0005_rule_by_row guessed of its rows is said again.
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0005_rule_by_row")]

    operations = [migrations.RunSQL([WITHIN, GATE], migrations.RunSQL.noop)]

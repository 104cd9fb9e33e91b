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
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM kbchat_grants_of(person))
    SELECT m.collection_id, (array_agg(m.role ORDER BY array_position('{owner,editor,reader}', m.role::text)))[1]
    FROM mine m JOIN documents_collection c ON c.id = m.collection_id
    WHERE NOT m.deny AND c.deleted_at IS NULL
      AND m.collection_id NOT IN (SELECT d.collection_id FROM mine d WHERE d.deny AND d.collection_id IS NOT NULL)
      AND (kbchat_within() IS NULL OR m.collection_id = ANY (kbchat_within()))
    GROUP BY m.collection_id
$$;

CREATE OR REPLACE FUNCTION kbchat_reachable_documents(person uuid) RETURNS TABLE (document_id uuid, role text)
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
          AND (kbchat_within() IS NULL OR d.collection_id = ANY (kbchat_within()))
    )
    SELECT r.id, (array_agg(r.role ORDER BY array_position('{owner,editor,reader}', r.role::text)))[1]
    FROM reached r WHERE r.id NOT IN (SELECT document_id FROM denied)
    GROUP BY r.id
$$;
"""

# Who owns a function may replace it.
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0003_withheld_versions")]

    operations = [migrations.RunSQL([WITHIN, GATE], migrations.RunSQL.noop)]

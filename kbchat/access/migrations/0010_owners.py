"""Whom a reader may ask: who owns the collections that he reads.

kbchat_owners_of      the owners of these collections by name, of those that the viewer sees; a group by its own name, and
                      not the viewer himself

It depends on what he sees and on nothing that is hidden from him: a collection that he does not see has no owners here.
"""

from django.db import migrations

NAME = "kbchat_owners_of(uuid[])"
FUNCTIONS = """
CREATE FUNCTION kbchat_owners_of(collections uuid[]) RETURNS TABLE (collection_id uuid, collection text, owner text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.id, c.name::text, coalesce(g.name, u.name)::text
    FROM documents_collection c
    JOIN access_grant a ON a.collection_id = c.id AND a.role = 'owner' AND NOT a.deny
    LEFT JOIN accounts_group g ON g.id = a.group_id
    LEFT JOIN accounts_user u ON u.id = a.user_id AND u.is_active AND u.id IS DISTINCT FROM kbchat_viewer()
    WHERE c.id = ANY (collections) AND c.deleted_at IS NULL
      AND c.id IN (SELECT kbchat_visible_collections(kbchat_viewer()))
      AND coalesce(g.name, u.name) IS NOT NULL
      -- A denial wins.
      AND NOT EXISTS (SELECT 1 FROM access_grant d WHERE d.collection_id = c.id AND d.deny
                      AND (d.user_id = a.user_id OR d.group_id = a.group_id))
    ORDER BY g.name NULLS LAST, u.name, a.id
$$;
"""
GATE = (
    "GRANT SELECT (id, name) ON accounts_group TO kbchat_gate;\n"
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {NAME} TO kbchat_application_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0009_access_class")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

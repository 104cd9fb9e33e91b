"""A name for all who may read some passages, for what is shared among exactly those, such as what a model server keeps of
the prompts it has read.

kbchat_access_class   a digest of who reads each of the passages: allowed and denied principals, sorted. Where parts of a
                      document are closed to somebody, the version and the section belong to it: who reads one section of
                      such a document need not read another. NULL where one of them is not the viewer's to read.

Equal digests mean: whoever may read the one list of passages may read the other. It tells no principal's name, and who
is in a group has no part in it: he who leaves one no longer comes by its passages.
"""

from django.db import migrations

NAME = "kbchat_access_class(uuid[], text[])"
FUNCTIONS = """
CREATE FUNCTION kbchat_access_class(versions uuid[], paths text[]) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH asked AS (SELECT DISTINCT a.version, a.path FROM unnest(versions, paths) AS a(version, path)),
    placed AS (
        SELECT a.version, a.path, d.id, d.collection_id, d.has_own_list
        FROM asked a JOIN documents_documentversion v ON v.id = a.version
        JOIN documents_document d ON d.id = v.document_id AND d.deleted_at IS NULL
    ),
    listed AS (
        SELECT concat_ws(E'\\n',
            (SELECT concat(p.version, ' ', p.path) WHERE EXISTS (
                SELECT 1 FROM access_grant g JOIN documents_section s ON s.id = g.section_id
                WHERE s.document_id = p.id)),
            (SELECT string_agg(DISTINCT concat_ws(' ', g.deny, g.everyone, 'user ' || g.user_id, 'group ' || g.group_id), E'\\n')
             FROM access_grant g
             WHERE g.document_id = p.id
                OR (g.collection_id = p.collection_id AND (g.deny OR g.role = 'owner' OR NOT p.has_own_list)))
            ) AS readers
        FROM placed p
    )
    SELECT sha256(convert_to(string_agg(DISTINCT l.readers, E'\\n\\n'), 'UTF8')) FROM listed l
    HAVING (SELECT count(*) FROM asked) = (
        SELECT count(*) FROM placed p WHERE p.id IN (
            SELECT r.document_id FROM kbchat_roles_in(kbchat_viewer(), ARRAY(SELECT x.id FROM placed x)) r))
$$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {NAME} TO kbchat_application_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0008_searching_in_a_scope")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

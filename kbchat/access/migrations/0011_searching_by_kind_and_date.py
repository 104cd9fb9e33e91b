"""A search is also narrowed to kinds of files, to languages and to days of taking effect, and where: at the gate, as to
collections (0008), so that whatever is counted or ranked is counted and ranked among what is left.

kbchat_searchable_versions  takes them, each NULL for all. What is visible comes first and by itself: a plan that expects
                            few versions of a kind would compare each of them with every visible document
kbchat_versions_to_choose   what there is to choose from, for one person: of what he may be answered with, nothing else
kbchat_grants_of            as before, by the names of columns: what waits while the next migration adds one gets what it asked
                            for
"""

from django.db import migrations

SEARCHABLE = "kbchat_searchable_versions(uuid, date, uuid[], uuid[], text[], text[], date, date)"
TO_CHOOSE = "kbchat_versions_to_choose(uuid, date)"
FUNCTIONS = f"""
CREATE FUNCTION kbchat_searchable_versions(person uuid, as_of date, collections uuid[], documents uuid[],
    media_types text[], languages text[], since date, until date)
RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH somewhere AS MATERIALIZED (
        SELECT v.id, v.media_type, v.language, v.effective_from FROM documents_documentversion v
        WHERE v.in_force @> as_of AND v.document_id IN (SELECT d.id FROM kbchat_visible_documents(person) AS d(id))
          AND v.id NOT IN (SELECT w.id FROM kbchat_withheld_versions(person) AS w(id))
          AND (collections IS NULL OR v.document_id IN (
              SELECT d.id FROM documents_document d
              WHERE d.collection_id = ANY (collections) OR d.id = ANY (documents)))
    )
    SELECT s.id FROM somewhere s
    WHERE (media_types IS NULL OR s.media_type = ANY (media_types))
      AND (languages IS NULL OR s.language = ANY (languages))
      AND (since IS NULL OR s.effective_from >= since)
      AND (until IS NULL OR s.effective_from <= until)
$$;

CREATE OR REPLACE FUNCTION kbchat_searchable_versions(person uuid, as_of date) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM kbchat_searchable_versions(person, as_of, NULL, NULL, NULL, NULL, NULL, NULL) AS v(id)
$$;

CREATE OR REPLACE FUNCTION kbchat_grants_of(person uuid) RETURNS SETOF access_grant
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp AS $$
    WITH RECURSIVE reached(group_id) AS (
        SELECT m.group_id FROM accounts_membership m WHERE m.user_id = person
        UNION
        SELECT i.container_id FROM accounts_groupinclusion i JOIN reached r ON i.included_id = r.group_id
    )
    SELECT g.id, g.everyone, g.role, g.deny, g.created_at, g.collection_id, g.document_id, g.group_id, g.section_id, g.user_id
    FROM access_grant g
    WHERE EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active)
      AND (g.everyone OR g.user_id = person OR g.group_id IN (SELECT group_id FROM reached))
$$;

CREATE FUNCTION kbchat_versions_to_choose(person uuid, as_of date)
RETURNS TABLE (media_type text, language text, earliest date, latest date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.media_type::text, v.language::text, min(v.effective_from), max(v.effective_from)
    FROM documents_documentversion v
    WHERE v.id IN (SELECT s.id FROM kbchat_searchable_versions(person, as_of) AS s(id))
    GROUP BY v.media_type, v.language
$$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {SEARCHABLE}, {TO_CHOOSE} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {SEARCHABLE} TO kbchat_application_rights, kbchat_worker_rights;\n"
    f"GRANT EXECUTE ON FUNCTION {TO_CHOOSE} TO kbchat_application_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0010_owners")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

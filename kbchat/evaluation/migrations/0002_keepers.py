"""Whoever keeps golden questions that he may still see is told to workers, by his id alone: they have these questions
asked when search may find something else, and may read none of them.
"""

from django.db import migrations

NAME = "kbchat_golden_keepers()"
# As the policy on the questions (0001), for their own keepers; who is not active owns nothing. What somebody owns is
# asked once for each person.
FUNCTION = """
CREATE FUNCTION kbchat_golden_keepers() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.id FROM (SELECT DISTINCT kept_by_id AS id FROM evaluation_keptquestion WHERE kept_by_id IS NOT NULL) k
    CROSS JOIN LATERAL (
        SELECT ARRAY(SELECT c.collection_id FROM kbchat_collections_of(k.id) c WHERE c.role = 'owner') AS owned OFFSET 0
    ) o
    WHERE EXISTS (SELECT 1 FROM evaluation_keptquestion q WHERE q.kept_by_id = k.id AND q.collections <@ o.owned)
$$;
"""
GATE = (
    "GRANT SELECT ON evaluation_keptquestion TO kbchat_gate;\n"
    "CREATE POLICY gate_reads ON evaluation_keptquestion FOR SELECT TO kbchat_gate USING (true);\n"
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTION}\n"
    f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {NAME} TO kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):

    dependencies = [("evaluation", "0001_initial"), ("access", "0012_readers_from_sources")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

"""The search of the code before 0011, which is still at work while this one's migrations run: by the same rule, in what it
knows of a scope. Whoever changes the next function of the room drops it.
"""

from django.db import migrations

FORMER = "kbchat_searchable_versions(uuid, date, uuid[], uuid[])"
FUNCTIONS = """
CREATE OR REPLACE FUNCTION kbchat_searchable_versions(person uuid, as_of date, collections uuid[], documents uuid[])
RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM kbchat_searchable_versions(person, as_of, collections, documents, NULL, NULL, NULL, NULL) AS v(id)
$$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {FORMER} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {FORMER} TO kbchat_application_rights, kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0012_readers_from_sources")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

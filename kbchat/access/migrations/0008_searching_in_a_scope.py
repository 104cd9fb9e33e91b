"""What a search is narrowed to is asked of the gate together with the rule. Joined to the tables outside of it, every row
of theirs is looked at under its own policy again: with 9,000 documents that takes three times as long as the search of
all of them.
"""

from django.db import migrations

NAME = "kbchat_searchable_versions(uuid, date, uuid[], uuid[])"
# `collections` NULL: everywhere.
FUNCTIONS = """
CREATE FUNCTION kbchat_searchable_versions(person uuid, as_of date, collections uuid[], documents uuid[])
RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM documents_documentversion v
    WHERE v.in_force @> as_of AND v.document_id IN (SELECT d.id FROM kbchat_visible_documents(person) AS d(id))
      AND v.id NOT IN (SELECT w.id FROM kbchat_withheld_versions(person) AS w(id))
      AND (collections IS NULL OR v.document_id IN (
          SELECT d.id FROM documents_document d
          WHERE d.collection_id = ANY (collections) OR d.id = ANY (documents)))
$$;

CREATE OR REPLACE FUNCTION kbchat_searchable_versions(person uuid, as_of date) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM kbchat_searchable_versions(person, as_of, NULL, NULL) AS v(id)
$$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {NAME} TO kbchat_application_rights, kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0007_lists_in_from")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

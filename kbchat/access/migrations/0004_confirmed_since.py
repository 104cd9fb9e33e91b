"""A confirmation says nothing of what is closed after it: who confirmed a version had looked at other headings.

kbchat_withheld_versions  as in 0003_withheld_versions, and a version that was confirmed before a heading was closed is
                          kept from those whom it was closed to, like one that nobody confirmed
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION kbchat_withheld_versions(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.id FROM access_grant g
    JOIN documents_section s ON s.id = g.section_id
    JOIN documents_documentversion v ON v.document_id = s.document_id
    WHERE g.deny AND (v.confirmed_at IS NULL OR v.confirmed_at < g.created_at) AND NOT s.id = ANY (v.sections)
      AND (s.id IN (SELECT kbchat_closed_sections(person))
           OR (v.uploaded_at > g.created_at AND v.document_id NOT IN (SELECT kbchat_editable_documents(person))))
$$;
"""

# Who owns a function may replace it.
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTION}\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("access", "0003_withheld_versions")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

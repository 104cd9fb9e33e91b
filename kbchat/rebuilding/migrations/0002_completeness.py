"""What a generation lacks is counted over the whole library, whoever asks: under his own policies a person, or nobody,
would find it complete as soon as it has what he may see. Nothing but a number comes out.
"""

from django.db import migrations

NAME = "kbchat_generation_lacks(bigint)"
# Published versions alone: what is not published yet is written by its own run. A version that is not cut by the
# generation's policy yet counts once. NULL: there is no such generation.
FUNCTION = """
CREATE FUNCTION kbchat_generation_lacks(generation bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (
        SELECT count(*) FROM ingestion_chunk c
        JOIN documents_documentversion v ON v.id = c.version_id AND v.state = 'ready'
        WHERE c.chunking_policy = g.chunking_policy AND NOT EXISTS (
            SELECT 1 FROM indexing_embedding e WHERE e.generation_id = g.id AND e.chunk_id = c.id)
    ) + (
        SELECT count(*) FROM documents_documentversion v
        WHERE v.state = 'ready' AND v.passages > 0 AND NOT EXISTS (
            SELECT 1 FROM ingestion_chunk c WHERE c.version_id = v.id AND c.chunking_policy = g.chunking_policy)
    )
    FROM indexing_indexgeneration g WHERE g.id = generation
$$;
"""
GATE = (
    "GRANT SELECT ON ingestion_chunk, indexing_embedding, indexing_indexgeneration TO kbchat_gate;\n"
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTION}\n"
    f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {NAME} TO kbchat_application_rights, kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [
        ("rebuilding", "0001_initial"),
        ("indexing", "0003_encoders_of_generations"),
        ("access", "0008_searching_in_a_scope"),
    ]

    operations = [migrations.RunSQL(GATE, f"DROP FUNCTION {NAME}")]

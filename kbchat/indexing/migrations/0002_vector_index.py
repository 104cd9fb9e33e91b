"""How many vectors a generation holds, whether there is a graph index over them, and the piece of DDL that makes it.

The worker owns no table, so it asks for the index as it asks for partitions. That is why it is not made CONCURRENTLY,
which no function can do: writing into the generation waits while it is made, searching does not.
"""

from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION kbchat_index_vectors(generation bigint, memory_kb integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    size integer;
    made regclass := to_regclass(format('indexing_embedding_g%1$s_nearest', generation));
BEGIN
    SELECT dimension INTO STRICT size FROM indexing_indexgeneration WHERE id = generation;
    PERFORM set_config('maintenance_work_mem', least(greatest(memory_kb, 1024), 4194304) || 'kB', true);
    -- Left behind by an operator's REINDEX CONCURRENTLY that broke off: no plan uses it.
    IF EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = made AND NOT indisvalid) THEN
        EXECUTE format('DROP INDEX %s', made);
    END IF;
    -- Its processes would share that memory in /dev/shm, which is small in many containers.
    PERFORM set_config('max_parallel_maintenance_workers', '0', true);
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS indexing_embedding_g%1$s_nearest ON indexing_embedding_g%1$s '
        'USING hnsw ((vector::halfvec(%2$s)) halfvec_cosine_ops)', generation, size);
END $$;
REVOKE ALL ON FUNCTION kbchat_index_vectors FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("indexing", "0001_initial")]

    operations = [
        migrations.AddField("indexgeneration", "vectors", models.PositiveIntegerField(default=0)),
        migrations.AddField("indexgeneration", "has_vector_index", models.BooleanField(default=False)),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION kbchat_index_vectors"),
    ]

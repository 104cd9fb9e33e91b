"""A generation's vectors have its dimension, and no other is ever stored: the database's to hold (F33). What was stored
before is not read through, so that nobody waits.
"""

from django.db import migrations

CHECKED = """
CREATE OR REPLACE FUNCTION kbchat_create_generation_partitions(generation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    size integer;
BEGIN
    SELECT dimension INTO STRICT size FROM indexing_indexgeneration WHERE id = generation;
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS indexing_embedding_g%1$s PARTITION OF indexing_embedding '
        '(CONSTRAINT vectors_have_one_dimension CHECK (vector_dims(vector) = %2$s)) FOR VALUES IN (%1$s)',
        generation, size);
    EXECUTE format('CREATE TABLE IF NOT EXISTS indexing_posting_g%1$s PARTITION OF indexing_posting FOR VALUES IN (%1$s)', generation);
END $$;
DO $$
DECLARE
    kept record;
BEGIN
    FOR kept IN
        SELECT id, dimension FROM indexing_indexgeneration
        WHERE to_regclass('indexing_embedding_g' || id) IS NOT NULL
    LOOP
        EXECUTE format(
            'ALTER TABLE indexing_embedding_g%1$s ADD CONSTRAINT vectors_have_one_dimension '
            'CHECK (vector_dims(vector) = %2$s) NOT VALID', kept.id, kept.dimension);
    END LOOP;
END $$;
"""
UNCHECKED = """
CREATE OR REPLACE FUNCTION kbchat_create_generation_partitions(generation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS indexing_embedding_g%1$s PARTITION OF indexing_embedding FOR VALUES IN (%1$s)', generation);
    EXECUTE format('CREATE TABLE IF NOT EXISTS indexing_posting_g%1$s PARTITION OF indexing_posting FOR VALUES IN (%1$s)', generation);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("indexing", "0004_filled_and_retired")]

    operations = [migrations.RunSQL(CHECKED, UNCHECKED)]

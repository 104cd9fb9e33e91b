"""What the encoder of a generation is opened by, and when another generation took its place.

That only a complete generation answers, and that what answers is not dropped, is the database's to hold.
"""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION kbchat_only_a_ready_generation_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Held to the end of the transaction: nobody retires it meanwhile.
    PERFORM 1 FROM indexing_indexgeneration WHERE id = NEW.generation_id AND state = 'ready' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'generation % is not ready', NEW.generation_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_a_ready_generation_answers BEFORE INSERT OR UPDATE ON indexing_activegeneration
    FOR EACH ROW EXECUTE FUNCTION kbchat_only_a_ready_generation_answers();

CREATE FUNCTION kbchat_what_answers_stays_ready() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM indexing_activegeneration WHERE generation_id = OLD.id) THEN
        RAISE EXCEPTION 'generation % answers', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER what_answers_stays_ready BEFORE UPDATE OF state ON indexing_indexgeneration
    FOR EACH ROW WHEN (OLD.state = 'ready' AND NEW.state <> 'ready')
    EXECUTE FUNCTION kbchat_what_answers_stays_ready();

-- As with making partitions: the worker owns no table.
CREATE FUNCTION kbchat_drop_generation_partitions(generation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM indexing_indexgeneration WHERE id = generation AND state = 'retired') THEN
        RAISE EXCEPTION 'generation % is not retired', generation USING ERRCODE = 'check_violation';
    END IF;
    -- Vectors before terms, as everywhere.
    EXECUTE format('DROP TABLE IF EXISTS indexing_embedding_g%1$s', generation);
    EXECUTE format('DROP TABLE IF EXISTS indexing_posting_g%1$s', generation);
END $$;
REVOKE ALL ON FUNCTION kbchat_drop_generation_partitions FROM PUBLIC;
"""
UNGUARD = """
DROP FUNCTION kbchat_drop_generation_partitions;
DROP TRIGGER what_answers_stays_ready ON indexing_indexgeneration;
DROP FUNCTION kbchat_what_answers_stays_ready;
DROP TRIGGER only_a_ready_generation_answers ON indexing_activegeneration;
DROP FUNCTION kbchat_only_a_ready_generation_answers;
"""


class Migration(migrations.Migration):
    dependencies = [("indexing", "0002_vector_index")]

    operations = [
        migrations.AddField("indexgeneration", "source", models.JSONField(default=dict)),
        migrations.AddField("indexgeneration", "answered_until", models.DateTimeField(null=True)),
        migrations.RunSQL(GUARD, UNGUARD),
    ]

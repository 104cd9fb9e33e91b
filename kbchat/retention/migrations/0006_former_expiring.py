"""What the workers of the code before 0004 call, which are still at work while this one's migrations run. Whoever changes
the next function of the room drops it.
"""

from django.db import migrations

FORMER = "kbchat_expire_conversations(integer)"
FUNCTIONS = """
CREATE OR REPLACE FUNCTION kbchat_expire_conversations(most integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN kbchat_expire_conversations(most, 24);
END $$;
"""
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    f"REVOKE ALL ON FUNCTION {FORMER} FROM PUBLIC;\n"
    f"GRANT EXECUTE ON FUNCTION {FORMER} TO kbchat_worker_rights;\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("retention", "0005_foreseeing")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

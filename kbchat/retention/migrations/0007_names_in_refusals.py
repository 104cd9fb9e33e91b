"""A refusal names who owns the collections that came nearest, and stands in the asker's conversation: whoever is erased
is named in none any more.

kbchat_erase_person    as before (0002), and takes his name out of them
"""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION kbchat_erase_person(person uuid) RETURNS TABLE (conversations bigint, turns bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    theirs uuid[] := ARRAY(SELECT c.id FROM chat_conversation c WHERE c.owner_id = person);
    his_name text := (SELECT u.name FROM accounts_user u WHERE u.id = person);
BEGIN
    IF NOT kbchat_viewer_administers() THEN
        RAISE EXCEPTION 'only administrators erase people' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM insights_askedagain WHERE person_id = person;
    DELETE FROM chat_tokensspent WHERE owner_id = person;
    DELETE FROM accounts_apikey WHERE user_id = person;
    DELETE FROM accounts_onetimelink WHERE person_id = person;
    DELETE FROM accounts_notice WHERE person_id = person;
    DELETE FROM socialaccount_socialaccount WHERE user_id = person;
    -- Where nobody else is named nothing is.
    UPDATE chat_turn t SET events = (
        SELECT coalesce(jsonb_agg(
            CASE WHEN e.one #>> '{event,type}' = 'owners_named'
                THEN jsonb_set(e.one, '{event,owners}', (e.one #> '{event,owners}') - his_name)
                ELSE e.one END
            ORDER BY e.place), '[]')
        FROM jsonb_array_elements(t.events) WITH ORDINALITY AS e(one, place)
        WHERE e.one #>> '{event,type}' <> 'owners_named' OR (e.one #> '{event,owners}') - his_name <> '[]'
    )
    WHERE t.events @> jsonb_build_array(jsonb_build_object(
        'event', jsonb_build_object('type', 'owners_named', 'owners', jsonb_build_array(his_name))));
    RETURN QUERY SELECT cardinality(theirs)::bigint, kbchat_delete_conversations(theirs);
END $$;
"""
GATE = (
    "GRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    f"SET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("retention", "0006_former_expiring")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

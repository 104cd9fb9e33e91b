"""Waiting questions are taken in turn by person: everybody's first before anybody's second, and the oldest first among
these. Whoever asks three at once holds nobody up with more than one.

kbchat_waiting_turns   the waiting turns with their places, from 1; for the two others alone
kbchat_claim_turn      takes the first, unless `most` are being answered by all processes together
kbchat_place_of_turn   the place of one of the viewer's own turns; NULL where it does not wait
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION kbchat_waiting_turns() RETURNS TABLE (turn_id uuid, owner_id uuid, place bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH unfinished AS (
        SELECT t.id, t.owner_id, t.state, t.created_at,
               row_number() OVER (PARTITION BY t.owner_id ORDER BY t.state = 'queued', t.created_at, t.id) AS nth
        FROM chat_turn t WHERE t.state IN ('queued', 'running')
    )
    SELECT u.id, u.owner_id, row_number() OVER (ORDER BY u.nth, u.created_at, u.id)
    FROM unfinished u WHERE u.state = 'queued'
$$;

DROP FUNCTION kbchat_claim_turn(uuid, double precision);

-- One claim at a time: two would count the same ones that run.
CREATE FUNCTION kbchat_claim_turn(holder uuid, lease_seconds double precision, most integer)
RETURNS TABLE (turn_id uuid, owner_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('claim turn', 0));
    UPDATE chat_turn t SET state = 'running', lease = holder, leased_until = now() + make_interval(secs => lease_seconds)
    WHERE t.id = (SELECT w.turn_id FROM kbchat_waiting_turns() w WHERE w.place = 1) AND t.state = 'queued'
      AND (SELECT count(*) FROM chat_turn r WHERE r.state = 'running') < most
    RETURNING t.id, t.owner_id
$$;

CREATE FUNCTION kbchat_place_of_turn(turn uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.place FROM kbchat_waiting_turns() w WHERE w.turn_id = turn AND w.owner_id = kbchat_viewer()
$$;

REVOKE ALL ON FUNCTION kbchat_waiting_turns() FROM PUBLIC;
"""
# Who owns a function may drop it.
GATE = (
    f"GRANT CREATE ON SCHEMA public TO kbchat_gate;\nSET LOCAL ROLE kbchat_gate;\n{FUNCTIONS}\n"
    + "".join(
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
        f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights;\n"
        for name in ("kbchat_claim_turn(uuid, double precision, integer)", "kbchat_place_of_turn(uuid)")
    )
    + "RESET ROLE;\nREVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):
    dependencies = [("chat", "0011_time_to_the_first_word")]

    operations = [migrations.RunSQL(GATE, migrations.RunSQL.noop)]

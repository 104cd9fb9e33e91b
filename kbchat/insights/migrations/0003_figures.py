"""What administrators are told of all questions: figures by day, and which documents answers cite. No function tells of
a question, a person or a conversation.

kbchat_counted_turns       the questions of some days (UTC), of everybody or of a group as it is today; for the others
kbchat_insight_days        figures of each day, and of all of them (day NULL)
kbchat_insight_documents   documents of the viewer's by how many answers cite them

Of a group, a day counts where at least five of it asked, and a document where answers to five of them cite it; and where
those outside of it who asked on that day are none or five at least, else they would be told by subtraction. Five is
the smallest group that statistical offices usually publish of (Hundepool et al. 2012, Statistical Disclosure Control,
ch. 4: thresholds of three to ten). Days that do not count are in no sum.
"""

from django.db import migrations

_AS_GATE = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS"

FUNCTIONS = f"""
CREATE FUNCTION kbchat_counted_turns(first_day date, last_day date, of_group uuid)
RETURNS TABLE (turn_id uuid, owner_id uuid, day date, state text, waited double precision)
{_AS_GATE} $$
    WITH RECURSIVE inside(id) AS (
        SELECT of_group WHERE of_group IS NOT NULL
        UNION
        SELECT i.included_id FROM accounts_groupinclusion i JOIN inside x ON i.container_id = x.id
    ), asked AS MATERIALIZED (
        SELECT t.id, t.owner_id, (t.created_at AT TIME ZONE 'UTC')::date AS day, t.state::text,
               extract(epoch FROM t.first_word_at - t.created_at)::double precision AS waited,
               of_group IS NULL OR t.owner_id IN (
                   SELECT m.user_id FROM accounts_membership m JOIN inside x ON x.id = m.group_id) AS counts
        FROM chat_turn t
        WHERE kbchat_viewer_administers()
          AND t.created_at >= first_day::timestamp AT TIME ZONE 'UTC'
          AND t.created_at < (last_day + 1)::timestamp AT TIME ZONE 'UTC'
    ), days AS (
        SELECT a.day FROM asked a GROUP BY a.day
        HAVING of_group IS NULL
            OR (count(DISTINCT a.owner_id) FILTER (WHERE a.counts) >= 5
                AND count(DISTINCT a.owner_id) FILTER (WHERE NOT a.counts) NOT BETWEEN 1 AND 4)
    )
    SELECT a.id, a.owner_id, a.day, a.state, a.waited FROM asked a JOIN days d ON d.day = a.day WHERE a.counts
$$;

CREATE FUNCTION kbchat_insight_days(first_day date, last_day date, of_group uuid)
RETURNS TABLE (day date, questions bigint, people bigint, waited_p50 double precision, waited_p95 double precision,
               answered bigint, not_found bigint, failed bigint, stopped bigint, helpful bigint, unhelpful bigint)
{_AS_GATE} $$
    SELECT c.day, count(*), count(DISTINCT c.owner_id),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY c.waited), percentile_cont(0.95) WITHIN GROUP (ORDER BY c.waited),
           count(*) FILTER (WHERE c.state IN ('done', 'truncated')), count(*) FILTER (WHERE c.state = 'refused'),
           count(*) FILTER (WHERE c.state IN ('failed', 'interrupted', 'revoked')),
           count(*) FILTER (WHERE c.state = 'stopped'),
           count(*) FILTER (WHERE f.is_helpful), count(*) FILTER (WHERE NOT f.is_helpful)
    FROM kbchat_counted_turns(first_day, last_day, of_group) c LEFT JOIN chat_feedback f ON f.turn_id = c.turn_id
    GROUP BY GROUPING SETS ((c.day), ()) ORDER BY c.day
$$;

CREATE FUNCTION kbchat_insight_documents(first_day date, last_day date, of_group uuid, most integer)
RETURNS TABLE (document_id uuid, answers bigint)
{_AS_GATE} $$
    SELECT v.document_id, count(DISTINCT c.turn_id)
    FROM kbchat_counted_turns(first_day, last_day, of_group) c JOIN chat_citation x ON x.turn_id = c.turn_id
    JOIN documents_documentversion v ON v.id = x.version_id
    WHERE v.document_id IN (SELECT kbchat_visible_documents(kbchat_viewer()))
    GROUP BY v.document_id HAVING of_group IS NULL OR count(DISTINCT c.owner_id) >= 5
    ORDER BY 2 DESC, 1 LIMIT most
$$;
"""
NAMES = [
    "kbchat_insight_days(date, date, uuid)",
    "kbchat_insight_documents(date, date, uuid, integer)",
]
# The first is for the others alone.
OF_THE_GATE = "kbchat_counted_turns(date, date, uuid)"
# Revoked and granted before the owner changes: afterwards nobody but the gate could.
GATE = (
    "GRANT SELECT ON chat_citation TO kbchat_gate;\n"
    "CREATE POLICY gate_reads ON chat_citation FOR SELECT TO kbchat_gate USING (true);\n"
    + "".join(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n" for name in [*NAMES, OF_THE_GATE])
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights;\n" for name in NAMES)
    + "GRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO kbchat_gate;\n" for name in [*NAMES, OF_THE_GATE])
    + "REVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)


class Migration(migrations.Migration):

    dependencies = [("insights", "0002_policies"), ("chat", "0011_time_to_the_first_word")]

    operations = [migrations.RunSQL([FUNCTIONS, GATE], migrations.RunSQL.noop)]

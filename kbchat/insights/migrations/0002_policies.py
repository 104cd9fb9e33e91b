"""A report is its asker's; a gap is seen by administrators, by owners of a collection in which it was asked, and by
whoever it is assigned to. None of them reads a report's row: what was handed over is told by functions, which give a
name only where the asker allows it.

kbchat_sees_gap       whether the viewer is one of those who see a gap
kbchat_gap_for        the gap that a new report is about, made where none is alike
kbchat_gap_reports    what askers handed over of some gaps
kbchat_gap_answerers  who may bring the document that is missing
kbchat_tell_askers    a notice to those askers who may read the document that answers; who they are is told nobody

Clustering is the leader algorithm (Hartigan 1975, Clustering Algorithms, ch. 3): a report joins the nearest unsettled
gap whose first report is near enough, else it begins one. Only gaps of the same scope are compared, since a gap's scope
says who reads it.
"""

from django.db import migrations

TABLES = ["insights_gap", "insights_gapreport", "insights_askedagain"]
FORCE = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    for table in TABLES
)
_AS_GATE = "SECURITY DEFINER SET search_path = public, pg_temp AS"

FUNCTIONS = f"""
CREATE FUNCTION kbchat_sees_gap(assignee uuid, scope uuid[]) RETURNS boolean
LANGUAGE sql STABLE {_AS_GATE} $$
    SELECT kbchat_viewer_administers()
        OR EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = assignee AND u.id = kbchat_viewer() AND u.is_active)
        OR scope && ARRAY(SELECT c.collection_id FROM kbchat_collections_of(kbchat_viewer()) c WHERE c.role = 'owner')
$$;

CREATE FUNCTION kbchat_gap_for(scope uuid[], asked_words text[], made_by text, asked vector,
                               near double precision, shared double precision) RETURNS uuid
LANGUAGE plpgsql VOLATILE {_AS_GATE} $$
DECLARE
    alike uuid;
BEGIN
    IF kbchat_viewer() IS NULL THEN
        RAISE EXCEPTION 'nobody reports' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Two who report the same at once make one gap, and none joins a gap that goes with its last report.
    PERFORM pg_advisory_xact_lock(hashtextextended('kbchat gaps', 0));
    SELECT measured.gap_id INTO alike FROM (
        SELECT led.gap_id,
               CASE WHEN made_by <> '' AND led.encoder = made_by
                    THEN (1 - (led.vector <=> asked)) / near
                    ELSE 2.0 * cardinality(ARRAY(SELECT unnest(led.words) INTERSECT SELECT unnest(asked_words)))
                         / greatest(cardinality(led.words) + cardinality(asked_words), 1) / shared
               END AS likeness
        FROM (SELECT DISTINCT ON (r.gap_id) r.gap_id, r.words, r.encoder, r.vector
              FROM insights_gapreport r JOIN insights_gap g ON g.id = r.gap_id
              WHERE g.state IN ('open', 'assigned') AND g.collections = scope
              ORDER BY r.gap_id, r.reported_at, r.turn_id) led
    ) measured
    WHERE measured.likeness >= 1 ORDER BY measured.likeness DESC LIMIT 1;
    IF alike IS NULL THEN
        INSERT INTO insights_gap (id, collections, state, created_at, changed_at)
        VALUES (gen_random_uuid(), scope, 'open', now(), now()) RETURNING id INTO alike;
    END IF;
    RETURN alike;
END $$;

CREATE FUNCTION kbchat_gap_reports(gaps uuid[])
RETURNS TABLE (gap_id uuid, question text, comment text, language text, reported_at timestamptz, name text)
LANGUAGE sql STABLE {_AS_GATE} $$
    SELECT r.gap_id, r.question, r.comment, r.language, r.reported_at, CASE WHEN r.may_be_named THEN u.name ELSE '' END
    FROM insights_gapreport r JOIN insights_gap g ON g.id = r.gap_id JOIN accounts_user u ON u.id = r.owner_id
    WHERE r.gap_id = ANY (gaps) AND kbchat_sees_gap(g.assignee_id, g.collections)
    ORDER BY r.reported_at, r.turn_id
$$;

-- Editors and owners of the collections in which it was asked, as far as these are the viewer's to see.
CREATE FUNCTION kbchat_gap_answerers(gap uuid) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE {_AS_GATE} $$
    WITH RECURSIVE shelves AS MATERIALIZED (
        SELECT c.id FROM documents_collection c, insights_gap g
        WHERE g.id = gap AND kbchat_sees_gap(g.assignee_id, g.collections) AND c.deleted_at IS NULL
          AND (g.collections = '{{}}' OR c.id = ANY (g.collections))
          AND (kbchat_viewer_administers() OR c.id IN (SELECT kbchat_visible_collections(kbchat_viewer())))
    ), given AS (
        SELECT a.user_id, a.group_id, a.everyone FROM access_grant a JOIN shelves s ON s.id = a.collection_id
        WHERE NOT a.deny AND a.role IN ('editor', 'owner')
    ), groups(id) AS (
        SELECT group_id FROM given WHERE group_id IS NOT NULL
        UNION
        SELECT i.included_id FROM accounts_groupinclusion i JOIN groups g ON i.container_id = g.id
    )
    SELECT u.id, u.name::text FROM accounts_user u
    WHERE u.is_active AND (EXISTS (SELECT 1 FROM given x WHERE x.everyone OR x.user_id = u.id)
        OR u.id IN (SELECT m.user_id FROM accounts_membership m JOIN groups g ON g.id = m.group_id))
      -- A denial wins.
      AND EXISTS (SELECT 1 FROM kbchat_collections_of(u.id) c JOIN shelves s ON s.id = c.collection_id
                  WHERE c.role IN ('editor', 'owner'))
    ORDER BY u.name, u.id LIMIT 500
$$;

CREATE FUNCTION kbchat_tell_askers(gap uuid) RETURNS void
LANGUAGE sql VOLATILE {_AS_GATE} $$
    INSERT INTO accounts_notice (id, kind, person_id, at, about)
    SELECT gen_random_uuid(), 'gap_answered', r.owner_id, now(), r.turn_id
    FROM insights_gapreport r JOIN insights_gap g ON g.id = r.gap_id
    WHERE g.id = gap AND g.state = 'answered' AND kbchat_sees_gap(g.assignee_id, g.collections)
      AND EXISTS (SELECT 1 FROM kbchat_roles_in(r.owner_id, ARRAY[g.document_id]))
$$;

CREATE FUNCTION kbchat_drop_empty_gap() RETURNS trigger
LANGUAGE plpgsql {_AS_GATE} $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kbchat gaps', 0));
    IF NOT EXISTS (SELECT 1 FROM insights_gapreport r WHERE r.gap_id = OLD.gap_id) THEN
        DELETE FROM insights_askedagain a WHERE a.gap_id = OLD.gap_id;
        DELETE FROM insights_gap g WHERE g.id = OLD.gap_id;
    END IF;
    RETURN NULL;
END $$;
"""
NAMES = [
    "kbchat_sees_gap(uuid, uuid[])",
    "kbchat_gap_for(uuid[], text[], text, vector, double precision, double precision)",
    "kbchat_gap_reports(uuid[])",
    "kbchat_gap_answerers(uuid)",
    "kbchat_tell_askers(uuid)",
]
OF_A_TRIGGER = "kbchat_drop_empty_gap()"
# Revoked and granted before the owner changes: afterwards nobody but the gate could.
GATE = (
    "GRANT SELECT, INSERT, DELETE ON insights_gap TO kbchat_gate;\nGRANT SELECT ON insights_gapreport TO kbchat_gate;\n"
    "GRANT SELECT, DELETE ON insights_askedagain TO kbchat_gate;\nGRANT INSERT ON accounts_notice TO kbchat_gate;\n"
    + "".join(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n" for name in [*NAMES, OF_A_TRIGGER])
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO kbchat_application_rights;\n" for name in NAMES)
    + "GRANT CREATE ON SCHEMA public TO kbchat_gate;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO kbchat_gate;\n" for name in [*NAMES, OF_A_TRIGGER])
    + "REVOKE CREATE ON SCHEMA public FROM kbchat_gate;\n"
)
POLICIES = """
CREATE POLICY board_reads ON insights_gap FOR SELECT TO kbchat_application_rights
    USING (kbchat_sees_gap(assignee_id, collections));
CREATE POLICY board_changes ON insights_gap FOR UPDATE TO kbchat_application_rights
    USING (kbchat_sees_gap(assignee_id, collections)) WITH CHECK (kbchat_sees_gap(assignee_id, collections));
CREATE POLICY gate_works ON insights_gap TO kbchat_gate USING (true) WITH CHECK (true);
CREATE POLICY owner_only ON insights_gapreport TO kbchat_application_rights
    USING (owner_id = kbchat_viewer())
    WITH CHECK (owner_id = kbchat_viewer() AND turn_id IN (SELECT id FROM chat_turn));
CREATE POLICY gate_reads ON insights_gapreport FOR SELECT TO kbchat_gate USING (true);
CREATE POLICY own ON insights_askedagain TO kbchat_application_rights
    USING (person_id = kbchat_viewer())
    WITH CHECK (person_id = kbchat_viewer() AND gap_id IN (SELECT id FROM insights_gap));
CREATE POLICY gate_works ON insights_askedagain TO kbchat_gate USING (true) WITH CHECK (true);

CREATE TRIGGER gap_goes_with_its_last_report AFTER DELETE ON insights_gapreport
    FOR EACH ROW EXECUTE FUNCTION kbchat_drop_empty_gap();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("insights", "0001_initial"),
        ("accounts", "0009_notices_of_gaps"),
        ("access", "0008_searching_in_a_scope"),
        ("indexing", "0001_initial"),
    ]

    operations = [migrations.RunSQL([FORCE, FUNCTIONS, POLICIES, GATE], migrations.RunSQL.noop)]

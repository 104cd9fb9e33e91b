"""Figures of a week among 100,000 questions are read by an index over time. Slow: the rows alone take ten seconds."""

import time
from collections.abc import Callable

import psycopg
import pytest

from kbchat.accounts.people import ensure_group
from kbchat.embedded.cluster import Cluster
from kbchat.insights.figures import read_insights
from tests.company import found_company, person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_FILL = """
SET session_replication_role = replica;
INSERT INTO chat_conversation (id, owner_id, title, scope, created_at, updated_at)
    SELECT gen_random_uuid(), u.id, '', '{}', now(), now() FROM accounts_user u WHERE u.email LIKE 'clerk%';
INSERT INTO chat_turn (id, conversation_id, owner_id, client_message_id, question, scope, state, answer, events,
                       quotes_only, trace, created_at, first_word_at, finished_at)
    SELECT gen_random_uuid(), c.id, c.owner_id, gen_random_uuid(), 'How many days of annual leave do I have?', '{}',
           (ARRAY['done', 'done', 'done', 'refused', 'failed', 'stopped'])[1 + n % 6], repeat('answer ', 60),
           jsonb_build_array(repeat(md5(n::text), 60)), false, '{}', at, at + random() * interval '5 seconds', now()
    FROM generate_series(1, 100000) n
    JOIN (SELECT *, row_number() OVER () AS place FROM chat_conversation) c ON c.place = 1 + n % 200,
    LATERAL (SELECT now() - (n % 365) * interval '1 day' - random() * interval '20 hours' AS at) asked;
INSERT INTO chat_feedback (turn_id, owner_id, is_helpful, reasons, comment, is_handed_over, changed_at)
    SELECT id, owner_id, true, '{}', '', false, now() FROM chat_turn WHERE random() < 0.1;
ANALYZE;
"""
_OF_A_WEEK = "EXPLAIN SELECT * FROM chat_turn WHERE created_at >= now() - interval '7 days'"


def test_a_week_among_a_hundred_thousand_questions(
    servers: Cluster, record_property: Callable[[str, object], None]
) -> None:
    company = found_company()
    clerks = [person(f"clerk{number}@example.com") for number in range(200)]
    half = ensure_group("Half", clerks[:100])
    with psycopg.connect(servers.superuser_conninfo, dbname="kbchat", autocommit=True) as superuser:
        superuser.execute(_FILL)
        plan = "\n".join(line for (line,) in superuser.execute(_OF_A_WEEK))
    assert "turn_by_time" in plan
    for days in (7, 30, 90):
        for group in (None, half.pk):
            begin = time.monotonic()
            total = read_insights(company.admin, days=days, group_id=group).total
            record_property(f"milliseconds of {days} days", round(1000 * (time.monotonic() - begin)))
            assert total.people == (100 if group else 200)

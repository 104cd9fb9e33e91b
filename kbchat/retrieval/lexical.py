"""The lexical leg: BM25 in the form of Lucene, over what the viewer can see (Robertson and Zaragoza 2009; Kamphuis et
al., ECIR 2020, variant "Lucene (accurate)").

    idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))       score = Σ times(t) · idf(t) · tf / (tf + k1 (1 - b + b len/avg))

N, df and the average length come from the visible chunks alone: a statistic over everybody's documents would tell a
stranger whether a word stands in hidden ones. Weights are added as integers, since a sum of floats depends on the
order in which the plan happens to bring them, and a ranking must not depend on hidden rows by a single bit.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from kbchat.analysis import analyse

K1: Final = 0.9
B: Final = 0.4

# A pasted page is a question too; its first terms carry it, and each term costs an index scan.
MOST_TERMS: Final = 256

FIXED_POINT: Final = 2.0**40
"""Scores leave the database as integers of this unit."""

# matched(chunk_id, score): eligible chunks with a term of the question. weighed: all its terms, known or not, by their
# place, with what BM25 needs of the visible set beside them.
LEXICAL: Final = """
size AS (SELECT count(*)::float8 AS chunks, coalesce(avg(terms), 0)::float8 AS length FROM visible),
asked AS (SELECT * FROM unnest(%(terms)s::text[], %(times)s::int[]) WITH ORDINALITY AS a(term, times, place)),
found AS MATERIALIZED (
    SELECT a.place, p.chunk_id, p.frequency::float8 AS frequency, v.terms::float8 AS length, v.eligible
    FROM asked a
    JOIN indexing_posting p ON p.generation_id = %(generation)s AND p.term = a.term
    JOIN visible v ON v.chunk_id = p.chunk_id
),
weighed AS MATERIALIZED (
    SELECT a.place, (%(k1)s * (1 - %(b)s))::float8 AS base, %(k1)s * %(b)s / nullif(s.length, 0) AS by_length, %(fixed)s
        * a.times * ln(1 + (s.chunks - coalesce(c.chunks, 0) + 0.5) / (coalesce(c.chunks, 0) + 0.5)) AS weight
    FROM size s CROSS JOIN asked a
    LEFT JOIN (SELECT place, count(*)::float8 AS chunks FROM found GROUP BY place) c ON c.place = a.place
),
matched AS MATERIALIZED (
    SELECT f.chunk_id,
        sum((w.weight * f.frequency / (f.frequency + w.base + w.by_length * f.length))::bigint) AS score
    FROM found f JOIN weighed w ON w.place = f.place WHERE f.eligible GROUP BY f.chunk_id
)"""


def lexical_parameters(question: str, expansions: Sequence[str] = ()) -> dict[str, Any]:
    """The terms of the question, each with the number of times that it stands there, and behind them those that the
    glossary adds, once each. `own`: how many are the question's."""
    counted = Counter(analyse(question))
    own = list(counted)[:MOST_TERMS]
    added = dict.fromkeys(term for name in expansions for term in analyse(name) if term not in counted)
    terms = [*own, *added][:MOST_TERMS]
    return {
        "terms": terms,
        "times": [counted.get(term, 1) for term in terms],
        "own": len(own),
        "fixed": FIXED_POINT,
        "k1": K1,
        "b": B,
    }

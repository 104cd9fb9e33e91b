"""The lexical leg: BM25 in the form of Lucene, over what the viewer can see (Robertson and Zaragoza 2009; Kamphuis et
al., ECIR 2020, variant "Lucene (accurate)").

    idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))       score = Σ times(t) · idf(t) · tf / (tf + k1 (1 - b + b len/avg))

N, df and the average length come from the visible chunks alone: a statistic over everybody's documents would tell a
stranger whether a word stands in hidden ones. Weights are added as integers, since a sum of floats depends on the
order in which the plan happens to bring them, and a ranking must not depend on hidden rows by a single bit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kbchat.analysis import analyse

K1: Final = 0.9
B: Final = 0.4

# A pasted page is a question too; its first terms carry it, and each term costs an index scan.
MOST_TERMS: Final = 256

FIXED_POINT: Final = 2.0**40
"""Scores leave the database as integers of this unit."""

# Together `found` and `weighed` need no more than `visible`; `matched` is one of the two below.
_WEIGHED: Final = """
size AS (SELECT count(*)::float8 AS chunks, coalesce(avg(terms), 0)::float8 AS length FROM visible),
asked AS (
    SELECT * FROM unnest(%(terms)s::text[], %(times)s::int[], %(things)s::int[], %(names)s::int[])
    WITH ORDINALITY AS a(term, times, thing, name, place)
),
found AS MATERIALIZED (
    SELECT a.place, p.chunk_id, p.frequency::float8 AS frequency, v.terms::float8 AS length, v.eligible
    FROM asked a
    JOIN indexing_posting p ON p.generation_id = %(generation)s AND p.term = a.term
    JOIN visible v ON v.chunk_id = p.chunk_id
),
weighed AS MATERIALIZED (
    SELECT a.place, a.thing, a.name, (%(k1)s * (1 - %(b)s))::float8 AS base,
        %(k1)s * %(b)s / nullif(s.length, 0) AS by_length, %(fixed)s
        * a.times * ln(1 + (s.chunks - coalesce(c.chunks, 0) + 0.5) / (coalesce(c.chunks, 0) + 0.5)) AS weight
    FROM size s CROSS JOIN asked a
    LEFT JOIN (SELECT place, count(*)::float8 AS chunks FROM found GROUP BY place) c ON c.place = a.place
)"""

# matched(chunk_id, score): eligible chunks with a term of the question. weighed: all its terms, known or not, by their
# place, with what BM25 needs of the visible set beside them.
LEXICAL: Final = f"""{_WEIGHED},
matched AS MATERIALIZED (
    SELECT f.chunk_id,
        sum((w.weight * f.frequency / (f.frequency + w.base + w.by_length * f.length))::bigint) AS score
    FROM found f JOIN weighed w ON w.place = f.place WHERE f.eligible GROUP BY f.chunk_id
)"""  # noqa: S608 (made of constants)

# The same where the glossary has other names for things that the question names. A passage that has several names of a
# thing has said it once: the best of them counts. And a name that is in many words or rare ones counts no more than
# the question's own: what matters more in the question is not for the glossary to say.
LEXICAL_BY_NAMES: Final = f"""{_WEIGHED},
totals AS (SELECT thing, name, sum(weight::bigint)::float8 AS weight FROM weighed GROUP BY thing, name),
named AS MATERIALIZED (
    SELECT t.thing, t.name, least(1, own.weight / nullif(t.weight, 0)) AS share
    FROM totals t JOIN totals own ON own.thing = t.thing AND own.name = 0
),
matched AS MATERIALIZED (
    SELECT chunk_id, sum(score) AS score FROM (
        SELECT chunk_id, thing, max(score) AS score FROM (
            SELECT f.chunk_id, w.thing, w.name,
                sum((n.share * w.weight * f.frequency
                    / (f.frequency + w.base + w.by_length * f.length))::bigint) AS score
            FROM found f JOIN weighed w ON w.place = f.place
            JOIN named n ON n.thing = w.thing AND n.name = w.name
            WHERE f.eligible GROUP BY f.chunk_id, w.thing, w.name
        ) AS by_name GROUP BY chunk_id, thing
    ) AS by_thing GROUP BY chunk_id
)"""  # noqa: S608 (made of constants)


def lexical_parameters(question: str, names: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The terms of the question, each with the number of times that it stands there. `names`: those in the question
    for which there are others, with the others.

    Thing 0 is what has one name only; of every other thing, name 0 is the question's own. `own`: how many terms are
    the question's, which come first.
    """
    counted = Counter(analyse(question))
    asked = {term: (counted[term], 0, 0) for term in list(counted)[:MOST_TERMS]}
    others: list[tuple[str, tuple[int, int, int]]] = []
    for thing, (name, alternatives) in enumerate((names or {}).items(), 1):
        own = [term for term in dict.fromkeys(analyse(name)) if term in asked]
        asked |= {term: (asked[term][0], thing, 0) for term in own}
        for number, alternative in enumerate(alternatives if own else (), 1):
            others += [(term, (1, thing, number)) for term in dict.fromkeys(analyse(alternative))]
    rows = [*asked.items(), *others][:MOST_TERMS]
    return {
        "terms": [term for term, _ in rows],
        "times": [times for _, (times, _, _) in rows],
        "things": [thing for _, (_, thing, _) in rows],
        "names": [name for _, (_, _, name) in rows],
        "own": len(asked),
        "fixed": FIXED_POINT,
        "k1": K1,
        "b": B,
    }

"""What stands around passages in their sections, read under row-level security: for whoever reads on, never ranked.

Each stretch is a slice of the version's whole text, so that whatever is cited of it is where the citation says. Whole
texts know no sections: whoever has a section of the document closed to him is given none, and reads the passage alone.
"""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from kbchat.core.text import Span
from kbchat.retrieval.port import Piece, Surroundings

# Chunks on either side. With as many, any budget of tokens is spent before the text ends.
_REACH: Final = 6

# As in `passages`, neither a deleted document nor a version that is not published answers.
_AROUND: Final = """
WITH hit AS (
    SELECT c.id, c.version_id, c.chunking_policy, c.section_id, c.ordinal
    FROM ingestion_chunk c
    JOIN documents_documentversion v ON v.id = c.version_id AND v.in_force IS NOT NULL
    JOIN documents_document d ON d.id = v.document_id AND d.deleted_at IS NULL
    WHERE c.id = ANY(%(chunks)s)
),
stretch AS (
    SELECT h.id, h.version_id, h.ordinal, min(n.start) AS start, max(n."end") AS "end",
        array_agg(n.ordinal ORDER BY n.ordinal) AS ordinals, array_agg(n.start ORDER BY n.ordinal) AS starts,
        array_agg(n."end" ORDER BY n.ordinal) AS ends, array_agg(n.page ORDER BY n.ordinal) AS pages
    FROM hit h
    JOIN ingestion_chunk n ON n.version_id = h.version_id AND n.chunking_policy = h.chunking_policy
        AND n.ordinal BETWEEN h.ordinal - %(reach)s AND h.ordinal + %(reach)s AND n.section_id = h.section_id
        AND (n.id = h.id OR NOT EXISTS (SELECT 1 FROM documents_silencedpassage x
            WHERE x.version_id = n.version_id AND x.start = n.start AND x."end" = n."end"))
    GROUP BY h.id, h.version_id, h.ordinal
)
SELECT s.id, s.ordinal, s.ordinals, s.starts, s.ends, s.pages, s.start, substr(t.text, s.start + 1, s."end" - s.start)
FROM stretch s JOIN documents_versioncontent t ON t.version_id = s.version_id"""


def surroundings(chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
    """By chunk id. Call it inside `viewing`; one statement, none for no ids."""
    if not chunk_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, {"chunks": list(chunk_ids), "reach": _REACH})
        return {
            chunk_id: _unbroken(ordinal, ordinals, places, start, text)
            for chunk_id, ordinal, ordinals, *places, start, text in cursor.fetchall()
        }


def _unbroken(
    ordinal: int, ordinals: Sequence[int], places: Sequence[Sequence[int]], start: int, text: str
) -> Surroundings:
    """Those with no chunk of another section between them and the one at `ordinal`."""
    own = ordinals.index(ordinal)
    # Without a gap, ordinals and places in the list run on together.
    pieces = tuple(
        Piece(Span(begins, ends), page)
        for n, (begins, ends, page) in enumerate(zip(*places, strict=True))
        if ordinals[n] - n == ordinal - own
    )
    first, last = pieces[0].span.start, pieces[-1].span.end
    return Surroundings(first, text[first - start : last - start], pieces)

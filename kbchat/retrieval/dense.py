"""The dense leg: cosine of the question's vector and each visible chunk's, by an exact scan.

Exact, because a graph index under a permission filter loses most of what it should find (retrieval.md, fact 4) and a
scan of 10,000 visible chunks takes milliseconds. A way over a graph index, for visible sets that are too large, takes
the place of `NEAREST` and nothing else.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

PATH: Final = "exact"

# nearest(chunk_id): the eligible chunks closest to the question. A zero vector has no angle; NaN sorts last.
NEAREST = """
nearest AS MATERIALIZED (
    SELECT e.chunk_id FROM visible v
    JOIN indexing_embedding e ON e.generation_id = %(generation)s AND e.chunk_id = v.chunk_id
    WHERE v.eligible ORDER BY e.vector <=> %(vector)s::vector, e.chunk_id LIMIT %(pool)s
)"""


def dense_parameters(vector: npt.NDArray[np.float32]) -> dict[str, Any]:
    """The vector in pgvector's notation."""
    return {"vector": "[" + ",".join(map(str, vector.astype(np.float32))) + "]"}

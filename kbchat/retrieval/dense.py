"""The dense leg: cosine of the question's vector and each visible chunk's, by an exact scan.

Exact, because a graph index under a permission filter loses most of what it should find (retrieval.md, fact 4) and a
scan of 10,000 visible chunks takes milliseconds. The distance is computed where the visible set is read, since that
touches each row once. A way over a graph index, for visible sets that are too large, would leave it out there and take
the place of `NEAREST`.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

PATH: Final = "exact"

DISTANCE: Final = "e.vector <=> %(vector)s::vector"

# nearest(chunk_id): the eligible chunks closest to the question. A zero vector has no angle; NaN sorts last. Without a
# vector there is no distance, and nothing is near.
NEAREST: Final = """
nearest AS (
    SELECT chunk_id FROM visible WHERE eligible AND distance IS NOT NULL ORDER BY distance, chunk_id LIMIT %(pool)s
)"""


def dense_parameters(vector: npt.NDArray[np.float32] | None) -> dict[str, Any]:
    """The vector in pgvector's notation."""
    return {"vector": None if vector is None else "[" + ",".join(map(str, vector.astype(np.float32))) + "]"}

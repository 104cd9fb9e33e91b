"""What a ranking is worth against judgements, as trec_eval and BEIR compute it. Plain arithmetic.

`ranked`: document ids, best first, none twice. `judged`: grade by document id, above 0.
"""

import math
from collections.abc import Mapping, Sequence


def ndcg(ranked: Sequence[str], judged: Mapping[str, int], at: int) -> float:
    """Normalised discounted cumulative gain with the grade as gain (Järvelin and Kekäläinen, TOIS 2002)."""
    best = _discounted(sorted(judged.values(), reverse=True)[:at])
    return _discounted([judged.get(document, 0) for document in ranked[:at]]) / best if best else 0.0


def reciprocal_rank(ranked: Sequence[str], judged: Mapping[str, int], at: int) -> float:
    """1 / the place of the first judged document; 0 where none is among the first `at`."""
    return next((1 / place for place, document in enumerate(ranked[:at], 1) if document in judged), 0.0)


def recall(ranked: Sequence[str], judged: Mapping[str, int], at: int) -> float:
    """The share of the judged documents that is among the first `at`."""
    return len(judged.keys() & set(ranked[:at])) / len(judged) if judged else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))

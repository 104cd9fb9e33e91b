"""What a reranker's answer must be before anybody ranks by it."""

from typing import Final

import numpy as np
import numpy.typing as npt

from kbchat.inference.ports import ModelUnavailable

# Nobody is sure enough to rule a passage out for ever; and the logarithm of this is a number.
_LEAST: Final = 1e-6


def checked_relevance(scores: object, *, count: int) -> npt.NDArray[np.float64]:
    """As probabilities. Raises ModelUnavailable(BROKEN_ANSWER) for another count, or what is no number in 0..1."""
    try:
        array = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError):
        raise ModelUnavailable(ModelUnavailable.Reason.BROKEN_ANSWER) from None
    if array.shape != (count,) or not ((array >= 0) & (array <= 1)).all():
        raise ModelUnavailable(ModelUnavailable.Reason.BROKEN_ANSWER)
    return np.maximum(array, _LEAST)

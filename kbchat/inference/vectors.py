"""What an encoder's answer must be before anybody stores it."""

import numpy as np
import numpy.typing as npt

from kbchat.inference.ports import EncoderIdentity, ModelUnavailable

_LENGTH_TOLERANCE = 1e-3


def checked(vectors: object, *, count: int, identity: EncoderIdentity) -> npt.NDArray[np.float32]:
    """`vectors` as float32 of shape (count, identity.dimension).

    Raises ModelUnavailable(BROKEN_ANSWER) for another shape, for a value that is no finite number, and for
    a vector that is not of unit length where the identity promises it.
    """
    try:
        array = np.asarray(vectors, dtype=np.float32).reshape(count, -1)
    except (TypeError, ValueError):
        raise ModelUnavailable(ModelUnavailable.Reason.BROKEN_ANSWER) from None
    if array.shape != (count, identity.dimension) or not np.isfinite(array).all():
        raise ModelUnavailable(ModelUnavailable.Reason.BROKEN_ANSWER)
    lengths = np.linalg.norm(array, axis=1)
    if identity.normalised and count and np.abs(lengths - 1).max() > _LENGTH_TOLERANCE:
        raise ModelUnavailable(ModelUnavailable.Reason.BROKEN_ANSWER)
    return array

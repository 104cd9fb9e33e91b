"""Vectors in pgvector's notation, as it is stored and as it is asked for."""

import numpy as np
import numpy.typing as npt


def vector_literal(vector: npt.NDArray[np.float32]) -> str:
    """Nine digits are exactly the one number of 32 bits."""
    return "[" + ",".join([f"{value:.9g}" for value in vector.tolist()]) + "]"

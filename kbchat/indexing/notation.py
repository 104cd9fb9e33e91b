"""Vectors as pgvector is asked for them, and as it stores them."""

import struct

import numpy as np
import numpy.typing as npt


def vector_literal(vector: npt.NDArray[np.float32]) -> str:
    """Nine digits are exactly the one number of 32 bits."""
    return "[" + ",".join([f"{value:.9g}" for value in vector.tolist()]) + "]"


def vector_bytes(vector: npt.NDArray[np.float32]) -> bytes:
    """As pgvector sends and receives them in binary: the dimension, two bytes of its own, and the numbers."""
    return struct.pack(">HH", len(vector), 0) + vector.astype(">f4").tobytes()

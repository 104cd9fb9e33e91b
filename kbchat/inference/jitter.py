"""Pauses that are not all equally long."""

import random


def jittered(seconds: float) -> float:
    """A fifth more or less, so that those who were turned away together do not come back together."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311

"""The best of many by score, and by id where scores are equal: so that an order depends on nothing else."""

import numpy as np
import numpy.typing as npt


def best(
    scores: npt.NDArray[np.float64], chunk_ids: npt.NDArray[np.int64], most: int
) -> npt.NDArray[np.int64]:
    """Places of at most `most`, best first; NaN is below everything."""
    ranked = np.nan_to_num(scores, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    places = np.arange(len(ranked))
    if len(ranked) > most:
        places = np.flatnonzero(ranked >= np.partition(ranked, -most)[-most])
    order = np.lexsort((chunk_ids[places], -ranked[places]))[:most]
    chosen: npt.NDArray[np.int64] = places[order]
    return chosen

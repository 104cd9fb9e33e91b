"""Natural-language inference inside this process: a cross-encoder that says whether one text follows from another."""

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


class CrossEncoderEntailment:
    """`model`: a folder, or a hub name (then `revision` pins it), with a label "entailment". Threads may share it."""

    def __init__(self, model: str, *, revision: str | None = None, device: str = "cpu") -> None:
        self._name = model
        self._revision = revision
        self._device = device
        self._reading = threading.Lock()

    def entailment(self, premises: Sequence[str], claim: str) -> npt.NDArray[np.float64]:
        """See ports.EntailmentModel. What of a premise does not fit the model's window is cut at its end."""
        with self._reading:
            if not premises:
                return np.zeros(0)
            model, label = self._model
            pairs = [(encodable(premise), encodable(claim)) for premise in premises]
            found = model.predict(pairs, batch_size=BATCH, apply_softmax=True, show_progress_bar=False)
            return checked_relevance(found[:, label], count=len(premises))

    @cached_property
    def _model(self) -> "tuple[CrossEncoder, int]":
        """With the place of its label."""
        model = loaded_cross_encoder(self._name, revision=self._revision, device=self._device)
        names = getattr(model.config, "id2label", None) or {}
        for place, name in names.items():
            if str(name).casefold() == "entailment" and model.num_labels > 1:
                return model, int(place)
        raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED)

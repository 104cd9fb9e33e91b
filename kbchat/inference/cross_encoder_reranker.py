"""A cross-encoder inside this process, by sentence-transformers: question and passage read together.

torch is imported at first use, never by importing this module.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from kbchat.inference.encodable import encodable
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.relevance import checked_relevance

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH: Final = 16


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
            # The model's own last step (a sigmoid, where there is one output) makes probabilities.
            scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
            return checked_relevance(scores, count=len(passages))

    @cached_property
    def _model(self) -> "CrossEncoder":
        folder = Path(self._name).expanduser()
        try:
            from sentence_transformers import CrossEncoder
            from torch.nn import Sigmoid

            model: CrossEncoder = CrossEncoder(
                str(folder) if folder.is_dir() else self._name,
                device=self._device,
                revision=self._revision,
                local_files_only=folder.is_dir(),
                activation_fn=Sigmoid(),
            )
        except ImportError:
            raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED) from None
        except (OSError, ValueError) as error:
            raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE) from error
        if model.num_labels != 1:
            raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED)
        return model

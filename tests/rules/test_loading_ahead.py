"""Loading a model while nobody waits: what is told of a failure, and what is not."""

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.inference.loading_ahead import load_ahead
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import HashEmbedder


class Failing(HashEmbedder):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        raise self._error


@pytest.mark.parametrize(
    ("error", "is_told"),
    [
        (ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE), False),
        (RuntimeError("cannot schedule new futures after interpreter shutdown"), False),
        (RuntimeError("can't create new thread at interpreter shutdown"), False),
        (RuntimeError("out of luck"), True),
    ],
)
def test_only_what_nobody_foresaw_is_a_traceback(
    monkeypatch: pytest.MonkeyPatch, error: Exception, is_told: bool
) -> None:
    told: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    load_ahead(lambda: Failing(error)).join()
    assert bool(told) is is_told

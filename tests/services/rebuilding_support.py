"""Encoders by name, and builds that run to their end in this process."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt

from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.models import ActiveGeneration, IndexGeneration
from kbchat.inference.ports import EncoderIdentity
from kbchat.inference.scripted import HashEmbedder
from kbchat.rebuilding.building import go_on_building
from kbchat.rebuilding.managing import request_build
from kbchat.rebuilding.models import Build, BuildState
from tests.servers import as_worker


class Shuffled(HashEmbedder):
    """Encodes, and finds nothing: which vector a text has is chance."""

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(model="shuffled", revision="1", dimension=64)

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts]
        vectors = np.stack([np.random.default_rng(seed).normal(size=64) for seed in seeds]).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


BY_NAME = {
    "hashed": HashEmbedder(),
    "small": HashEmbedder(dimension=128),
    "narrow": HashEmbedder(dimension=128, window_tokens=48),
    "shuffled": Shuffled(),
}


def encoders() -> Encoders:
    """Of a process of its own: `hashed` is what the settings name."""
    return Encoders(EncoderSource("hashed"), lambda source: BY_NAME[source.model])


def build(viewer: Viewer, model: str) -> Build:
    """A new generation of this encoder, built to its end."""
    return go_on(request_build(viewer, EncoderSource(model)))


def go_on(build_id: UUID) -> Build:
    """As workers would, until nothing is left to do."""
    with as_worker():
        for _ in range(100):
            go_on_building(build_id, encoders=encoders())
            now = Build.objects.get(pk=build_id)
            if now.state not in {BuildState.QUEUED, BuildState.RUNNING}:
                break
    return now


def answering() -> IndexGeneration:
    return ActiveGeneration.objects.select_related("generation").get().generation

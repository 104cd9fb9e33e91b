"""Encoders by name, and builds that run to their end in this process."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt

from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.models import ActiveGeneration, Embedding, IndexGeneration, Posting
from kbchat.inference.ports import EncoderIdentity
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import Chunk
from kbchat.library.uploading import upload
from kbchat.rebuilding.building import go_on_building
from kbchat.rebuilding.managing import request_build
from kbchat.rebuilding.models import Build, BuildState
from tests.company import MAX_BYTES, Company, found_company, ingest, markdown
from tests.servers import as_worker

RULES = "\n\n".join(f"## Rule {n}\n\nDesk {n} is kept free for guests of team {n * 7}." for n in range(24))
PAGES = {
    "rules.md": f"# Rules\n\n{RULES}",
    "leave.md": "# Leave\n\nEverybody has 28 days of annual leave in a year.\n\n## Carrying over\n\nAt most five days.",
    "travel.md": "# Travel\n\nTrains are booked in second class by the desk.\n\n## Hotels\n\nA night costs 120 euros.",
    "年假.md": "# 年假\n\n每位员工每年享有二十八天带薪年假。\n\n## 结转\n\n最多可以结转五天到下一年。",
}


class Shuffled(HashEmbedder):
    """Encodes, and finds nothing: which vector a text has is chance."""

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(model="shuffled", revision="1", dimension=64)

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts]
        vectors = np.stack([np.random.default_rng(seed).normal(size=64) for seed in seeds]).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


UNREAD = timedelta(0)
"""After which nobody reads what is retired, in tests where nobody does."""

BY_NAME = {
    "hashed": HashEmbedder(),
    "small": HashEmbedder(dimension=128),
    "narrow": HashEmbedder(dimension=128, window_tokens=48),
    "shuffled": Shuffled(),
}


def company_with_pages() -> Company:
    """Its handbook holds `PAGES`, in the index of `hashed`."""
    company = found_company()
    for name, text in PAGES.items():
        upload(company.admin, company.handbook.id, markdown(text, name), max_bytes=MAX_BYTES)
    ingest(encoders())
    return company


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
            ticket = Build.objects.get(pk=build_id).ticket
            go_on_building(build_id, ticket, encoders=encoders())
            now = Build.objects.get(pk=build_id)
            if now.state not in {BuildState.QUEUED, BuildState.RUNNING}:
                break
    return now


def answering() -> IndexGeneration:
    return ActiveGeneration.objects.select_related("generation").get().generation


def lose_a_passage(generation: IndexGeneration) -> None:
    """It is behind from now on."""
    with as_worker():
        chunk = Chunk.objects.filter(chunking_policy=generation.chunking_policy).first()
        for held in (Embedding.objects, Posting.objects):
            held.filter(generation=generation, chunk=chunk).delete()

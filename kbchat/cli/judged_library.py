"""A judged set as a scratch library: its documents sent in, and found again by their ids."""

from django.core.management.base import OutputWrapper
from tqdm import tqdm

from kbchat import composition
from kbchat.cli.scratch_library import Page, ScratchLibrary, fill
from kbchat.evaluation.beir import BeirSet
from kbchat.evaluation.legs import Searched
from kbchat.inference.ports import Embedder
from kbchat.retrieval.port import Scope


def filled_from(found: BeirSet, progress: OutputWrapper) -> ScratchLibrary:
    """Raises KbchatError, EmbeddedError."""
    pages = [Page(document.title, document.text) for document in found.documents]
    with (
        tqdm(desc=f"{found.name}: sending", total=len(pages), unit="document", file=progress) as sending,
        tqdm(desc=f"{found.name}: reading", total=len(pages), unit="document", file=progress) as reading,
    ):
        return fill(
            found.name,
            pages,
            sent_one=sending.update,
            told=lambda done: reading.update(done - reading.n),
        )


def searched_in(library: ScratchLibrary, found: BeirSet, embedder: Embedder | None = None) -> Searched:
    """`embedder`: whose vectors of questions are asked with; None: production's."""
    return Searched(
        library.viewer,
        Scope(collection_ids=(library.collection_id,)),
        with_vectors=composition.retriever_by(embedder) if embedder else composition.retriever(),
        by_words=composition.retriever_by_words(),
        documents={document: found.documents[place].id for document, place in library.pages.items()},
    )

"""A judged set as every system gets it: the passages that kbchat's chunker cuts, and their vectors, made once.

Passages and not whole documents: the encoder reads 256 word pieces, which most documents of these sets exceed, and a
cut document is in nobody's interest. Each passage is handed over as encoder and index have it, under its title. A
document counts where its best passage stands.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.passages import Vectors
from bench.peers.protocol import Language, Passage
from kbchat.analysis import language_of
from kbchat.cli.scratch_library import Page, page_as_html
from kbchat.evaluation.beir import BeirDocument, BeirQuestion, BeirSet, read_beir_set
from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder
from kbchat.ingestion.chunking import ChunkDraft, chunk, indexed_text
from kbchat.parsing import ParsedDocument, parse

_GROUP: Final = "everybody"


@dataclass(frozen=True, slots=True)
class Cut:
    """A document as it comes out of parsing and chunking. `first`: place of its first passage among all."""

    id: str
    parsed: ParsedDocument
    drafts: list[ChunkDraft]
    first: int

    @property
    def texts(self) -> list[str]:
        return [indexed_text(draft.prefix, self.parsed.text_of(draft.span)) for draft in self.drafts]


@dataclass(frozen=True, slots=True)
class Judged:
    """`questions`: every second one, since kbchat's weights were fitted on the others. `vectors[i]` is that of passage
    i, `asked[i]` that of question i, `owners[i]` the document of passage i."""

    name: str
    language: Language
    documents: list[Cut]
    questions: tuple[BeirQuestion, ...]
    vectors: Vectors
    asked: Vectors
    owners: list[str]

    def passages(self) -> list[Passage]:
        texts = [text for document in self.documents for text in document.texts]
        return [Passage(place, text, _GROUP) for place, text in enumerate(texts)]

    def documents_of(self, passages: Sequence[int]) -> list[str]:
        """Each document once, where its best passage stands."""
        return list(dict.fromkeys(self.owners[passage] for passage in passages))


def read_judged(folder: Path, cache: Path, most: int) -> Judged:
    """At most so many questions, evenly chosen. Vectors come from `cache` where they were made of the same texts."""
    found = read_beir_set(folder)
    embedder = SentenceTransformersEmbedder()
    documents = _cut(found, embedder)
    questions = found.questions[1::2]
    texts = [text for document in documents for text in document.texts]
    vectors, asked = _vectors(
        cache / f"{found.name}.npz", texts, [question.text for question in questions], embedder
    )
    chosen: Sequence[int] = range(len(questions))
    if most < len(questions):
        chosen = [number * len(questions) // most for number in range(most)]
    languages = {language_of(question.text) for question in questions}
    return Judged(
        name=found.name,
        language="simple" if "zh" in languages else "english",
        documents=documents,
        questions=tuple(questions[place] for place in chosen),
        vectors=vectors,
        asked=asked[list(chosen)],
        owners=[document.id for document in documents for _ in document.drafts],
    )


def _cut(found: BeirSet, embedder: SentenceTransformersEmbedder) -> list[Cut]:
    documents: list[Cut] = []
    first = 0
    for document in found.documents:
        parsed = _parsed(document)
        documents.append(Cut(document.id, parsed, chunk(parsed, embedder), first))
        first += len(documents[-1].drafts)
    return documents


def _parsed(document: BeirDocument) -> ParsedDocument:
    return parse(page_as_html(Page(document.title, document.text)).encode(), "page.html")


def _vectors(
    cache: Path, texts: list[str], questions: list[str], embedder: SentenceTransformersEmbedder
) -> tuple[Vectors, Vectors]:
    made_from = hashlib.sha256("\0".join([*texts, "", *questions]).encode()).hexdigest()
    if cache.is_file():
        kept = np.load(cache)
        if str(kept["made_from"]) == made_from:
            return kept["passages"], kept["questions"]
    print(f"{cache.stem}: embedding {len(texts):,} passages and {len(questions):,} questions ...", flush=True)
    passages, asked = embedder.embed_documents(texts), embedder.embed_queries(questions)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, passages=passages, questions=asked, made_from=made_from)
    return passages, asked

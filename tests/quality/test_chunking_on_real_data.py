"""Over the shared data: nothing that the encoder gets is longer than its window, by the encoder's own tokenizer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder
from kbchat.ingestion.chunking import chunk, indexed_text
from kbchat.parsing import ParsedDocument, ParseError, parse

_SUFFIXES = {".md", ".txt", ".html", ".htm", ".pdf", ".docx", ".xlsx", ".csv", ".tsv", ".pptx"}
_SUFFIXES |= {".eml", ".epub", ".odt", ".ods", ".odp", ".rtf"}
_LARGE_BYTES = 1_000_000


def test_no_text_is_longer_than_the_encoders_window(shared_data: Path) -> None:
    """All files but the largest, and every twentieth passage of the retrieval sets."""
    small = (path for path in _files(shared_data) if path.stat().st_size < _LARGE_BYTES)
    chunks, truncated = _counted([*_parsed(small), *_passages(shared_data, every=20)])
    assert chunks > 4000
    assert truncated == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_text_of_all_the_data_is_longer_than_the_encoders_window(shared_data: Path) -> None:
    chunks, truncated = _counted([*_parsed(_files(shared_data)), *_passages(shared_data, every=1)])
    assert chunks > 20_000
    assert truncated == 0


def _counted(documents: list[ParsedDocument]) -> tuple[int, int]:
    embedder = SentenceTransformersEmbedder()
    chunks = truncated = 0
    for document in documents:
        drafts = chunk(document, embedder)
        texts = [indexed_text(draft.prefix, document.text_of(draft.span)) for draft in drafts]
        counts = embedder.count_tokens(texts) if texts else []
        chunks += len(drafts)
        truncated += sum(count > embedder.window_tokens for count in counts)
    return chunks, truncated


def _files(shared_data: Path) -> Iterator[Path]:
    for folder in ("handbooks", "office"):
        found = sorted((shared_data / folder).rglob("*"))
        yield from (path for path in found if path.suffix.lower() in _SUFFIXES)


def _parsed(paths: Iterator[Path]) -> Iterator[ParsedDocument]:
    for path in paths:
        try:
            yield parse(path.read_bytes(), path.name)
        except ParseError:
            continue


def _passages(shared_data: Path, *, every: int) -> Iterator[ParsedDocument]:
    for corpus in sorted((shared_data / "ir").glob("*/corpus.jsonl")):
        for line in corpus.read_text(encoding="utf-8").splitlines()[::every]:
            entry = json.loads(line)
            if entry["text"].strip():
                yield parse(f"{entry['title']}\n\n{entry['text']}".encode(), "passage.txt")

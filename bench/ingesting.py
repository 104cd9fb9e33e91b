"""What ingestion costs beside the encoder: text pages through the real services, and a plain encode of the same chunks.

    python -m bench.ingesting FOLDER [--pages 1000] [--pages-a-document 10] [--pdfs FOLDER]

FOLDER gets a database of its own, which is made anew each time. One process does everything, one thing after the
other, so that each part has its time; in between, a plain `SentenceTransformer.encode` has the chunks of what was just
ingested. The rule of the design: everything but the encoder takes at most 10 % of that.

With --pdfs the pages are those of the real PDFs in a folder, one after another and again from the first until there are
enough, put together to documents.
"""

import argparse
import io
import random
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.encoding import SEED, TEXTS
from bench.servers import acting_as, migrated_database
from kbchat.embedded.database import APPLICATION_ROLE, WORKER_ROLE

Seconds = defaultdict[str, float]

PAGE_CHARACTERS = 3000
PARAGRAPHS = 5
ROUNDS = 5
# What `kbchat.library.ingesting` calls, by the names that it knows them by.
PARTS = {
    "parse_sandboxed": "parsing, in a process of its own",
    "chunk": "cutting into chunks, tokens counted",
    "store_parsed": "storing text, sections and chunks",
    "write": "analysing and writing terms and vectors",
    "publish": "publishing",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="for the database")
    parser.add_argument(
        "--texts", type=Path, default=TEXTS, help="a folder of Markdown files to make pages of"
    )
    parser.add_argument("--pdfs", type=Path, help="a folder of PDFs to take the pages of")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--pages-a-document", type=int, default=10)
    arguments = parser.parse_args()
    servers = arguments.folder / "ingesting"
    shutil.rmtree(servers, ignore_errors=True)
    sizes = (arguments.pages, arguments.pages_a_document)
    files = list(_pdfs(arguments.pdfs, *sizes) if arguments.pdfs else _files(arguments.texts, *sizes))
    with migrated_database(servers):
        _measure(files, arguments.pages)


def _measure(files: list[bytes], pages: int) -> None:
    from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder

    encoder = SentenceTransformersEmbedder()
    encoder.embed_documents(["ready"])
    clock, read = Seconds(float), list[str]()
    plain_seconds, encoded = 0.0, 0
    ingest = _ingesting(encoder, clock, read)
    ingest([b"# Ready\n\nThe first is not counted."])
    clock.clear()
    for number in range(ROUNDS):
        read.clear()
        with _timed(clock):
            ingest(files[number::ROUNDS])
        chunks = list(read)
        encoded += len(chunks)
        started = time.perf_counter()
        encoder._model.encode(chunks, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        plain_seconds += time.perf_counter() - started
    print(f"\n{pages} pages in {len(files)} documents, {encoded} chunks\n")
    _tell(clock, plain_seconds, pages)


def _tell(clock: Seconds, plain_seconds: float, pages: int) -> None:
    parts = {told: clock[name] for name, told in PARTS.items()}
    total, encoder = clock["all"], clock["embed_documents"]
    parts["everything else: uploading, runs, commits"] = total - encoder - sum(parts.values())
    print("| part | seconds | of a plain encode | a page |\n|---|---|---|---|")
    rows = {
        "a plain encode of the chunks": plain_seconds,
        "ingestion": total,
        "of which the encoder": encoder,
        **parts,
        "**everything but the encoder**": total - encoder,
    }
    for told, seconds in rows.items():
        print(f"| {told} | {seconds:.1f} | {seconds / plain_seconds:.1%} | {seconds / pages * 1000:.1f} ms |")


def _ingesting(encoder: Any, clock: Seconds, read: list[str]) -> Callable[[Sequence[bytes]], None]:
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.people import create_person
    from kbchat.indexing.encoders import only
    from kbchat.ingestion.models import IngestionRun, RunState
    from kbchat.library.collections import create_collection
    from kbchat.library.ingesting import index_run, parse_run
    from kbchat.library.uploading import Upload, upload
    from kbchat.parsing.sandbox import SandboxLimits

    owner = viewer_of(
        create_person(email="owner@example.com", name="Owner", password="only-here", is_administrator=True)
    )
    with acting_as(APPLICATION_ROLE):
        shelf = create_collection(owner, name="Pages").id
    encoders = only(_Listening(encoder, clock, read))

    def ingest(files: Sequence[bytes]) -> None:
        runs: list[UUID] = []
        with acting_as(APPLICATION_ROLE):
            for number, content in enumerate(files):
                suffix = "pdf" if content.startswith(b"%PDF") else "md"
                file = Upload(f"page {number}.{suffix}", io.BytesIO(content))
                row = upload(owner, shelf, file, max_bytes=1 << 30)
                runs.append(IngestionRun.objects.get(version=row.version_id).pk)
        with acting_as(WORKER_ROLE):
            for run in runs:
                parse_run(run, encoders=encoders, limits=SandboxLimits())
                index_run(run, encoders=encoders)
        assert not IngestionRun.objects.exclude(state=RunState.SUCCEEDED).exists()

    return ingest


class _Listening:
    """The encoder, with its time and what it was given."""

    def __init__(self, encoder: Any, clock: Seconds, read: list[str]) -> None:
        self._encoder, self._clock, self._read = encoder, clock, read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def embed_documents(self, texts: Sequence[str]) -> Any:
        self._read += texts
        return _measured(self._encoder.embed_documents, "embed_documents", self._clock)(texts)


@contextmanager
def _timed(clock: Seconds) -> Iterator[None]:
    """Each part, where the service calls it."""
    from kbchat.library import ingesting

    originals = {name: getattr(ingesting, name) for name in PARTS}
    for name, original in originals.items():
        setattr(ingesting, name, _measured(original, name, clock))
    started = time.perf_counter()
    try:
        yield
    finally:
        clock["all"] += time.perf_counter() - started
        for name, original in originals.items():
            setattr(ingesting, name, original)


def _measured(function: Callable[..., Any], name: str, clock: Seconds) -> Callable[..., Any]:
    def measured(*arguments: Any, **keywords: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **keywords)
        finally:
            clock[name] += time.perf_counter() - started

    return measured


def _files(folder: Path, pages: int, pages_a_document: int) -> Iterator[bytes]:
    """Markdown with a heading a page, of real text that is cut anywhere between two words; the same every time."""
    text = " ".join(
        " ".join(path.read_text() for path in sorted(folder.rglob("*.md"))).replace("#", "").split()
    )
    chance = random.Random(SEED)
    length = PAGE_CHARACTERS // PARAGRAPHS
    for first in range(0, pages, pages_a_document):
        parts = [f"# Document {first}"]
        for page in range(first, min(first + pages_a_document, pages)):
            parts.append(f"## Page {page}")
            for _ in range(PARAGRAPHS):
                start = text.index(" ", chance.randrange(len(text) - 2 * length)) + 1
                parts.append(text[start : text.index(" ", start + length)])
        yield "\n\n".join(parts).encode()


def _pdfs(folder: Path, pages: int, pages_a_document: int) -> Iterator[bytes]:
    """The same every time; what cannot be opened, and pages without a text, are left out."""
    import pypdfium2 as pdfium

    taken: list[tuple[pdfium.PdfDocument, int]] = []
    for path in sorted(folder.rglob("*.pdf")):
        try:
            opened = pdfium.PdfDocument(path)
        except pdfium.PdfiumError:
            continue
        taken += [
            (opened, number) for number in range(len(opened)) if opened[number].get_textpage().count_chars()
        ]
    for first in range(0, pages, pages_a_document):
        made = pdfium.PdfDocument.new()
        for at in range(first, min(first + pages_a_document, pages)):
            source, number = taken[at % len(taken)]
            made.import_pages(source, [number])
        file = io.BytesIO()
        made.save(file)
        yield file.getvalue()


if __name__ == "__main__":
    main()

"""What ingestion costs beside the encoder: files through the real services, and a plain encode of the same chunks.

    python -m bench.ingesting FOLDER [--files FOLDER | --texts FOLDER [--typeset] | --pdfs FOLDER]
                              [--pages 1000] [--pages-a-document 10] [--without-encoder]

FOLDER gets a database of its own, which is made anew each time. One process does everything, one thing after the
other, so that each part has its time; in between, a plain `SentenceTransformer.encode` has the chunks of what was just
ingested. The rule of the design: everything but the encoder takes at most 10 % of that, and a PDF of 2,000 pages less
than 1.5 GB of memory.

Which files (`bench.pages`): Markdown as it is, pages made of such text, as Markdown or typeset as PDF, or the pages of
real PDFs. Without an encoder vectors are drawn by chance, no torch is loaded, and the rest is all that is timed.

On a machine that is busy, read the table of processor time: a plain encode's by as many threads as it has, beside which
everything else has one.
"""

import argparse
import io
import os
import resource
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from bench.encoding import SEED, TEXTS
from bench.pages import Sizes, as_markdown, as_pdf, as_they_are, of_pdfs
from bench.processors import THIS, counted
from bench.servers import acting_as, migrated_database
from kbchat.embedded.database import APPLICATION_ROLE, WORKER_ROLE

Seconds = defaultdict[str, float]

ROUNDS = 5
# What the two halves of a run call (`kbchat.library.parsing_runs`, `indexing_runs`), by the names that they know.
PARSING = {
    "parse_sandboxed": "parsing, in a process of its own",
    "chunk": "cutting into chunks, tokens counted",
    "store_parsed": "storing text, sections and chunks",
}
INDEXING = {"write": "analysing and writing terms and vectors", "publish": "publishing"}
PARTS = PARSING | INDEXING


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="for the database")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--files", type=Path, help="a folder of Markdown files to take as they are")
    which.add_argument(
        "--texts", type=Path, default=TEXTS, help="a folder of Markdown files to make pages of"
    )
    which.add_argument("--pdfs", type=Path, help="a folder of PDFs to take the pages of")
    parser.add_argument("--typeset", action="store_true", help="the pages made of texts as PDF")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--pages-a-document", type=int, default=10)
    parser.add_argument("--without-encoder", action="store_true")
    arguments = parser.parse_args()
    servers = arguments.folder / "ingesting"
    shutil.rmtree(servers, ignore_errors=True)
    files = list(_chosen(arguments))
    with migrated_database(servers):
        _measure(files, has_encoder=not arguments.without_encoder)


def _chosen(arguments: argparse.Namespace) -> Iterator[bytes]:
    sizes = Sizes(arguments.pages, arguments.pages_a_document)
    if arguments.files:
        return as_they_are(arguments.files)
    if arguments.pdfs:
        return of_pdfs(arguments.pdfs, sizes)
    return as_pdf(arguments.texts, sizes) if arguments.typeset else as_markdown(arguments.texts, sizes)


def _measure(files: list[bytes], *, has_encoder: bool) -> None:
    from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder

    encoder = SentenceTransformersEmbedder()
    clock, read, peaks = Seconds(float), list[str](), [0]
    uploading, working = Counter[str](), Counter[str]()
    plain, encoded = _Plain(), 0
    listening = _Listening(encoder, clock, read) if has_encoder else _ByChance(encoder, read)
    ingest = _ingesting(listening, uploading, working)
    ingest([b"# Ready\n\nThe first is not counted."])
    for told in (clock, uploading, working):
        told.clear()
    before = _memory()
    for number in range(ROUNDS):
        read.clear()
        with _timed(clock, peaks):
            ingest(files[number::ROUNDS])
        encoded += len(read)
        if has_encoder:
            plain.encode(encoder, read)
    sizes = sum(map(len, files)) / 1e6
    print(f"\n{len(files)} documents of {sizes:.1f} MB, {encoded} chunks, load {os.getloadavg()[0]:.1f}\n")
    _tell(clock, plain.seconds, encoded)
    working[THIS] -= clock.pop("embedding, by the processor", 0.0)
    _tell_processors(uploading, working, plain, len(files))
    print(
        f"\nMemory at most: {_memory()} MB (before the first {before}), of a process that parses {max(peaks)}"
    )


class _Plain:
    """What is compared with."""

    def __init__(self) -> None:
        self.seconds = self.processor_seconds = 0.0

    def encode(self, encoder: Any, texts: Sequence[str]) -> None:
        started, used = time.perf_counter(), time.process_time()
        encoder._model.encode(list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        self.seconds += time.perf_counter() - started
        self.processor_seconds += time.process_time() - used


def _memory() -> int:
    """Megabytes, the most that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _tell(clock: Seconds, plain_seconds: float, chunks: int) -> None:
    parts = {told: clock[name] for name, told in PARTS.items()}
    total, encoder = clock["all"], clock["embed_documents"]
    parts["everything else: uploading, runs, commits"] = total - encoder - sum(parts.values())
    print("| part | seconds | of a plain encode | a chunk |\n|---|---|---|---|")
    rows = {
        "a plain encode of the chunks": plain_seconds,
        "ingestion": total,
        "of which the encoder": encoder,
        **parts,
        "**everything but the encoder**": total - encoder,
    }
    for told, seconds in rows.items():
        share = f"{seconds / plain_seconds:.1%}" if plain_seconds else ""
        print(f"| {told} | {seconds:.1f} | {share} | {seconds / chunks * 1000:.1f} ms |")


def _tell_processors(uploading: Counter[str], working: Counter[str], plain: _Plain, documents: int) -> None:
    """Of everything but the encoder."""
    threads = os.cpu_count() or 1
    print("\n| processor time | seconds | of a plain encode by its threads | a document |\n|---|---|---|---|")
    rows = {
        "a plain encode of the chunks, by its threads": plain.processor_seconds / threads,
        **working,
        "**everything but the encoder and uploading**": working.total(),
        "uploading": uploading.total(),
    }
    for told, seconds in rows.items():
        share = f"{seconds * threads / plain.processor_seconds:.1%}" if plain.processor_seconds else ""
        print(f"| {told} | {seconds:.1f} | {share} | {seconds / documents * 1000:.1f} ms |")


def _ingesting(
    encoder: Any, uploading: Counter[str], working: Counter[str]
) -> Callable[[Sequence[bytes]], None]:
    """`uploading`, `working`: get the processor time of both."""
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
    encoders = only(encoder)

    def ingest(files: Sequence[bytes]) -> None:
        runs: list[UUID] = []
        with counted(uploading), acting_as(APPLICATION_ROLE):
            for number, content in enumerate(files):
                suffix = "pdf" if content.startswith(b"%PDF") else "md"
                file = Upload(f"page {number}.{suffix}", io.BytesIO(content))
                row = upload(owner, shelf, file, max_bytes=1 << 30)
                runs.append(IngestionRun.objects.get(version=row.version_id).pk)
        with counted(working), acting_as(WORKER_ROLE):
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
        used = time.process_time()
        vectors = _measured(self._encoder.embed_documents, "embed_documents", self._clock)(texts)
        self._clock["embedding, by the processor"] += time.process_time() - used
        return vectors


class _ByChance:
    """Counts tokens as the encoder does, and makes vectors of nothing."""

    def __init__(self, encoder: Any, read: list[str]) -> None:
        from kbchat.inference.ports import EncoderIdentity

        self.window_tokens, self.count_tokens = encoder.window_tokens, encoder.count_tokens
        self.identity = EncoderIdentity(model="by chance", revision="1", dimension=384)
        self._read, self._chance = read, np.random.default_rng(SEED)

    def embed_documents(self, texts: Sequence[str]) -> Any:
        self._read += texts
        vectors = self._chance.standard_normal((len(texts), self.identity.dimension), dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@contextmanager
def _timed(clock: Seconds, peaks: list[int]) -> Iterator[None]:
    """Each part, where the service calls it; `peaks` get the megabytes of each process that parses."""
    from kbchat.library import indexing_runs, parsing_runs
    from kbchat.parsing import sandbox

    run_child = sandbox.run_child

    def watched(*arguments: Any) -> Any:
        ending = run_child(*arguments)
        peaks.append(ending.peak_bytes >> 20)
        return ending

    sandbox.run_child = watched
    places = [(parsing_runs, name) for name in PARSING] + [(indexing_runs, name) for name in INDEXING]
    originals = [(place, name, getattr(place, name)) for place, name in places]
    for place, name, original in originals:
        setattr(place, name, _measured(original, name, clock))
    started = time.perf_counter()
    try:
        yield
    finally:
        clock["all"] += time.perf_counter() - started
        sandbox.run_child = run_child
        for place, name, original in originals:
            setattr(place, name, original)


def _measured(function: Callable[..., Any], name: str, clock: Seconds) -> Callable[..., Any]:
    def measured(*arguments: Any, **keywords: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **keywords)
        finally:
            clock[name] += time.perf_counter() - started

    return measured


if __name__ == "__main__":
    main()

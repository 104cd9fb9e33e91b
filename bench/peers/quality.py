"""What kbchat and its peers find of the judged sets, and how fast each takes the passages in.

    python -m bench.peers.quality FOLDER PYTHON SETS ...

Everybody gets the same passages, the same vectors, the same questions and the same number of passages to return;
figures go to FOLDER/quality.json. kbchat is filled by the functions that its workers call, as the workers' role, and
searched through its retriever, as the application's.
"""

import argparse
import json
import os
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bench.known import MODEL, Known
from bench.peers import database
from bench.peers.processes import Process, running
from bench.peers.protocol import Place, hand_over
from bench.servers import acting_as, migrated_database

RETURNED: Final = 20
"""Passages of each search, enough for ten documents; as many as an answer is made from."""
AT: Final = 10
PEERS: Final = ("langchain", "llamaindex", "haystack")
_APPLICATION: Final = "kbchat_app"
_WORKER: Final = "kbchat_worker"

Search = Callable[[int], list[str]]
"""From the place of a question to documents, best first."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions; `passages_per_second` None: it was not filled for itself."""

    ndcg: float
    mrr: float
    recall: float
    passages_per_second: float | None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("python", type=Path, help="the interpreter of the peers' environment")
    parser.add_argument("sets", type=Path, nargs="+", help="folders in BEIR's layout")
    parser.add_argument("--questions", type=int, default=400, help="at most so many of a set, evenly chosen")
    arguments = parser.parse_args()
    servers = arguments.folder / "judged-servers"
    shutil.rmtree(servers, ignore_errors=True)
    with migrated_database(servers):
        told = {
            path.name: _measured(path, arguments.folder, arguments.python, arguments.questions)
            for path in arguments.sets
        }
    shutil.rmtree(servers, ignore_errors=True)
    (arguments.folder / "quality.json").write_text(json.dumps(told, indent=1) + "\n")


def _measured(path: Path, folder: Path, python: Path, most: int) -> dict[str, Any]:
    from bench.peers.judged import read_judged

    judged = read_judged(path, folder / "vectors", most)
    passages = judged.passages()
    hand_over(folder / "handed" / judged.name, passages, judged.vectors)
    print(f"{judged.name}: {len(passages):,} passages, {len(judged.questions):,} questions", flush=True)
    rates: dict[str, float | None] = {}
    with ExitStack() as processes:
        searches, seconds = _own(judged)
        rates |= dict.fromkeys(searches) | {"kbchat": len(passages) / seconds}
        place = Place(
            database.fresh_database(), judged.name.replace("-", "_"), judged.language, judged.vectors.shape[1]
        )
        for name in (*PEERS, "bm25"):
            process = processes.enter_context(running(python, name, place, folder / "logs"))
            rates[name] = len(passages) / process.fill(folder / "handed" / judged.name)
            searches[name] = _of_peer(process, judged)
        database.settle()
        figures = _figures(judged.questions, searches, rates)
    return {
        "passages": len(passages),
        "questions": len(judged.questions),
        "systems": {name: asdict(of) for name, of in figures.items()},
    }


def _figures(
    questions: Sequence[Any], searches: dict[str, Search], rates: dict[str, float | None]
) -> dict[str, Figures]:
    from kbchat.evaluation.metrics import ndcg, recall, reciprocal_rank

    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in searches}
    for place, question in enumerate(questions):
        for name, search in searches.items():
            ranked = search(place)
            rows[name].append(
                tuple(measure(ranked, question.judged, AT) for measure in (ndcg, reciprocal_rank, recall))
            )
    return {
        name: Figures(*map(statistics.fmean, zip(*of, strict=True)), rates[name]) for name, of in rows.items()
    }


def _of_peer(process: Process, judged: Any) -> Search:
    def search(place: int) -> list[str]:
        question, vector = judged.questions[place].text, judged.asked[place].tolist()
        found = process.search(question, vector, k=RETURNED)
        documents: list[str] = judged.documents_of(found.ids)
        return documents

    return search


def _own(judged: Any) -> tuple[dict[str, Search], float]:
    """kbchat's retriever over the set, with and without vectors; and the seconds that it took to fill."""
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.models import User
    from kbchat.accounts.people import create_person
    from kbchat.evaluation.legs import Searched
    from kbchat.indexing.encoders import only
    from kbchat.library.collections import create_collection
    from kbchat.retrieval.port import Scope
    from kbchat.retrieval.retriever import PostgresRetriever

    email = "owner@example.com"
    person = User.objects.filter(email=email).first() or create_person(
        email=email, name="Owner", password="only-here", is_administrator=True
    )
    viewer = viewer_of(person)
    collection = create_collection(viewer, name=judged.name).id
    documents, seconds = _fill(judged, collection)
    texts = [question.text for question in judged.questions]
    known: Any = Known(dict(zip(texts, judged.asked, strict=True)))
    searched = Searched(
        viewer,
        Scope(collection_ids=(collection,)),
        with_vectors=PostgresRetriever(only(known)),
        by_words=PostgresRetriever(None),
        documents=documents,
    )
    pin = searched.with_vectors.pin()

    def searching(leg: str) -> Search:
        def search(place: int) -> list[str]:
            with acting_as(_APPLICATION):
                return searched.ranked(searched.search(leg, texts[place], pin, RETURNED))

        return search

    return {"kbchat": searching("hybrid"), "kbchat, words alone": searching("lexical")}, seconds


def _fill(judged: Any, collection: UUID) -> tuple[dict[UUID, str], float]:
    """Documents as they were uploaded, then what is timed: text, sections, passages, terms and vectors, published."""
    from django.db import transaction
    from django.utils import timezone

    from kbchat.analysis import analyse
    from kbchat.documents.models import Document, DocumentVersion
    from kbchat.documents.publishing import publish
    from kbchat.indexing.generations import ensure_active_generation
    from kbchat.indexing.writing import unwritten, write
    from kbchat.inference.ports import EncoderIdentity
    from kbchat.ingestion.chunking import CHUNKING_POLICY
    from kbchat.ingestion.storing import store_parsed

    generation = ensure_active_generation(
        EncoderIdentity(model=MODEL, revision="1", dimension=judged.vectors.shape[1]), CHUNKING_POLICY
    )
    rows = Document.objects.bulk_create(
        Document(collection_id=collection, title=cut.id) for cut in judged.documents
    )
    versions = DocumentVersion.objects.bulk_create(
        DocumentVersion(
            document=row,
            number=1,
            blob="0" * 64,
            size=1,
            filename="page.html",
            effective_from=timezone.localdate(),
        )
        for row in rows
    )
    # Dictionaries are read at the first word; a worker does that once.
    analyse("word 词语")
    with acting_as(_WORKER):
        started = time.perf_counter()
        for cut, version in zip(judged.documents, versions, strict=True):
            with transaction.atomic():
                store_parsed(version, cut.parsed, {CHUNKING_POLICY: cut.drafts})
            vectors = judged.vectors[cut.first : cut.first + len(cut.drafts)]
            with transaction.atomic():
                write(generation, unwritten(generation, version), vectors)
                publish(version.document_id, version.pk)
        seconds = time.perf_counter() - started
    _settle()
    return {row.pk: cut.id for row, cut in zip(rows, judged.documents, strict=True)}, seconds


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()

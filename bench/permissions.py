"""What permissions cost: searching 100,000 passages with 1 %, 10 % and 100 % visible, and changing who may read.

    python -m bench.permissions FOLDER

FOLDER keeps the library (about 2 GB) for the next time. Three ways are timed beside each other in one run, question by
question: without any filter, with retrieval's own filter alone, and with row-level security behind it, as the program
runs. The questions' vectors are made beforehand: what is timed is the database and what is around it.
"""

import argparse
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench.known import Known
from bench.library import READERS, SHELVES, fill
from bench.passages import Real, real_passages
from bench.servers import acting_as, migrated_database
from bench.times import seconds_of, told

PROJECT = Path(__file__).parents[1]
QUESTIONS = PROJECT / "tests" / "quality" / "handbook_questions.jsonl"
CHANGES = 20
APPLICATION = "kbchat_app"

Times = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="keeps the library for the next time")
    parser.add_argument("--questions", type=int, default=40, help="how many of the forty are asked")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("KBCHAT_SHARED_DATA", PROJECT.parent / "shared" / "data"))
    real = real_passages(shared / "handbooks" / "18f" / "pages", QUESTIONS, arguments.folder / "real")
    with library(arguments.folder, real):
        searching(real, arguments.questions)
        changing()


@contextmanager
def library(folder: Path, real: Real, shelves: Mapping[str, tuple[int, int]] = SHELVES) -> Iterator[None]:
    servers, whole = folder / "servers", folder / "library-is-whole"
    if not whole.exists():
        shutil.rmtree(servers, ignore_errors=True)
    with migrated_database(servers):
        if not whole.exists():
            fill(real, shelves)
            whole.touch()
        yield


def searching(real: Real, most: int) -> None:
    from kbchat.indexing.vector_index import keep_vector_indexes

    # As the schedule does within five minutes.
    keep_vector_indexes()
    print("\n| visible | way | by words alone | whole search |\n|---|---|---|---|")
    for reader, share in READERS.items():
        times: dict[str, Times] = {}
        ways = _ways(reader, real)
        # The first round reads what later ones find in memory, as in a process that runs.
        for is_timed in (False, True):
            for question in real.questions[:most]:
                for way, search in ways.items():
                    for part, seconds in search(question).items():
                        if is_timed:
                            times.setdefault(way, {}).setdefault(part, []).append(seconds)
        for way, parts in times.items():
            print(f"| {share} | {way} | " + " | ".join(map(told, parts.values())) + " |")


def _ways(reader: str, real: Real) -> dict[str, Callable[[str], dict[str, float]]]:
    from kbchat.indexing.encoders import only
    from kbchat.retrieval.retriever import PostgresRetriever

    viewer = viewer_named(reader)
    whole, by_words = PostgresRetriever(only(knowing(real))), PostgresRetriever(None)
    pin = whole.pin()

    def search(question: str) -> dict[str, float]:
        return {
            "by words alone": seconds_of(lambda: by_words.retrieve(viewer, question, pin, limit=24)),
            "whole": seconds_of(lambda: whole.retrieve(viewer, question, pin, limit=24)),
        }

    def unfiltered(question: str) -> dict[str, float]:
        with _unfiltered():
            return search(question)

    def with_policies(question: str) -> dict[str, float]:
        with acting_as(APPLICATION):
            return search(question)

    everything = {"no filter": unfiltered} if READERS[reader] == "100 %" else {}
    return {**everything, "filter alone": search, "filter and row-level security": with_policies}


@contextmanager
def _unfiltered() -> Iterator[None]:
    """Every version in the index is visible, and nobody is asked."""
    from django.db import connection

    from kbchat.retrieval import retriever as retriever_module
    from kbchat.retrieval.packed import identifiers
    from kbchat.retrieval.visible import VisibleSet, visible_set

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(uuid_send(id), '') FROM documents_documentversion")
        versions = identifiers(cursor.fetchone()[0])
    nothing = identifiers(None)

    def everything(*_: Any, **__: Any) -> VisibleSet:
        return VisibleSet(versions, nothing, nothing, np.empty(0, dtype=np.int64))

    retriever_module.visible_set = everything  # type: ignore[assignment]
    try:
        yield
    finally:
        retriever_module.visible_set = visible_set


def changing() -> None:
    """As the application, with everything that belongs to a change: rights, locks, the audit trail."""
    from kbchat.access.granting import Principal
    from kbchat.access.models import Role
    from kbchat.accounts.models import User
    from kbchat.accounts.people import ensure_group, take_from_group
    from kbchat.documents.models import Collection, Section
    from kbchat.library.sections import close_section, reopen_section
    from kbchat.library.sharing import give_grant, take_grant

    owner, stranger = viewer_named("owner"), ensure_group("Strangers")
    member = User.objects.get(email="one@example.com")
    large = Collection.objects.get(name="large").pk
    section = Section.objects.filter(document__collection=large, path=["First"]).order_by("pk")[0].pk
    principal = Principal("group", stranger.pk)
    times: Times = {}

    def timed(name: str, change: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = change()
        times.setdefault(name, []).append(time.perf_counter() - started)
        return result

    with acting_as(APPLICATION):
        for _ in range(CHANGES):
            grant = timed("grant given", lambda: give_grant(owner, large, principal, Role.READER))
            timed("grant taken", lambda: take_grant(owner, grant.id))  # noqa: B023
            timed("person into a group", lambda: ensure_group(stranger.name, [member]))
            timed("person out of a group", lambda: take_from_group(stranger, [member]))
            closure = timed("section closed", lambda: close_section(owner, section, principal))
            timed("section opened", lambda: reopen_section(owner, closure.id))  # noqa: B023
    print("\n| change in a collection of 10,000 documents | time |\n|---|---|")
    for name, seconds in times.items():
        print(f"| {name} | {told(seconds)} |")


def knowing(real: Real) -> Any:
    return Known(dict(zip(real.questions, real.asked, strict=True)))


def viewer_named(name: str) -> Any:
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.models import User

    return viewer_of(User.objects.get(email=f"{name}@example.com"))


if __name__ == "__main__":
    main()

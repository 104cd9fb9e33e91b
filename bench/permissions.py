"""What permissions cost: searching 100,000 passages with 1 %, 10 % and 100 % visible, and changing who may read.

    python -m bench.permissions FOLDER

FOLDER keeps the library (about 2 GB) for the next time. Three ways are timed beside each other in one run, question by
question: without any filter, with retrieval's own filter alone, and with row-level security behind it, as the program
runs. The questions' vectors are made beforehand: what is timed is the database and what is around it.
"""

import argparse
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.known import Known
from bench.library import READERS, SHELVES, fill
from bench.passages import Real, Vectors, real_passages
from bench.servers import acting_as, migrated_database

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
    print("\n| visible | way | lexical leg | dense leg | whole search |\n|---|---|---|---|---|")
    for reader, share in READERS.items():
        times: dict[str, Times] = {}
        for round_, question in enumerate([real.questions[0], *real.questions[:most]]):
            for way, measured in _search_in_each_way(reader, question, real).items():
                for leg, seconds in measured.items() if round_ else ():
                    times.setdefault(way, {}).setdefault(leg, []).append(seconds)
        for way, legs in times.items():
            print(f"| {share} | {way} | " + " | ".join(map(_told, legs.values())) + " |")


def _search_in_each_way(reader: str, question: str, real: Real) -> dict[str, dict[str, float]]:
    measured = {}
    # Without a filter everybody sees everything: told once.
    if READERS[reader] == "100 %":
        with _unfiltered():
            measured["no filter"] = _search(reader, question, real)
    measured["filter alone"] = _search(reader, question, real)
    with acting_as(APPLICATION):
        measured["filter and row-level security"] = _search(reader, question, real)
    return measured


def _search(reader: str, question: str, real: Real) -> dict[str, float]:
    from kbchat.retrieval.retriever import PostgresRetriever

    viewer, retriever = viewer_named(reader), PostgresRetriever(knowing(real))
    pin = retriever.pin()
    retriever.retrieve(viewer, question, pin, limit=1)
    vector = real.asked[real.questions.index(question)]
    return {
        "lexical": _seconds(lambda: _leg(viewer, pin, question, None, "SELECT count(*) FROM matched")),
        "dense": _seconds(lambda: _leg(viewer, pin, question, vector, "SELECT count(*) FROM nearest")),
        "whole": _seconds(lambda: retriever.retrieve(viewer, question, pin, limit=24)),
    }


def _leg(viewer: Any, pin: Any, question: str, vector: Vectors | None, ending: str) -> None:
    """One leg alone, from the parts of the statement that the program sends."""
    from django.db import connection
    from django.utils import timezone

    from kbchat.access.viewing import viewing
    from kbchat.retrieval import dense, lexical
    from kbchat.retrieval import retriever as retriever_module
    from kbchat.retrieval.candidates import POOL
    from kbchat.retrieval.port import EVERYTHING

    visible = retriever_module.visible_set(
        viewer,
        pin.generation_id,
        scope=EVERYTHING,
        as_of=timezone.localdate(),
        exclude_documents=(),
        exclude_chunks=(),
    )
    leg = lexical.LEXICAL if vector is None else dense.NEAREST
    parameters = lexical.lexical_parameters(question) | dense.dense_parameters(vector) | {"pool": POOL}
    with viewing(viewer), connection.cursor() as cursor:
        cursor.execute(f"WITH {visible.sql}, {leg} {ending}", visible.parameters | parameters)
        cursor.fetchall()


@contextmanager
def _unfiltered() -> Iterator[None]:
    """Everything in the index is the visible set."""
    from kbchat.retrieval import retriever as retriever_module
    from kbchat.retrieval.visible import VisibleSet, visible_set

    def everything(*arguments: Any, **keywords: Any) -> VisibleSet:
        sql = """closed AS (SELECT 1), visible AS MATERIALIZED (
            SELECT e.chunk_id, e.terms, e.vector <=> %(vector)s::vector AS distance, true AS eligible
            FROM indexing_embedding e WHERE e.generation_id = %(generation)s)"""
        return VisibleSet(sql, visible_set(*arguments, **keywords).parameters)

    retriever_module.visible_set = everything
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
        print(f"| {name} | {_told(seconds)} |")


def knowing(real: Real) -> Any:
    return Known(dict(zip(real.questions, real.asked, strict=True)))


def viewer_named(name: str) -> Any:
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.models import User

    return viewer_of(User.objects.get(email=f"{name}@example.com"))


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _told(seconds: list[float]) -> str:
    """p50 and p95 in milliseconds."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{statistics.median(seconds) * 1000:.0f} / {p95 * 1000:.0f} ms"


if __name__ == "__main__":
    main()

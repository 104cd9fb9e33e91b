"""Sets of questions that commands measure answers with: files of golden questions about the company's own library, or
folders in BEIR's layout, which are brought into a scratch library."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from kbchat.access.viewers import viewer_of
from kbchat.cli.judged_library import filled_from
from kbchat.cli.people import active_person, readable_collection
from kbchat.cli.scratch_servers import add_library_option, is_judged_set
from kbchat.core.viewer import Viewer
from kbchat.evaluation.beir import evenly, read_answers, read_beir_set
from kbchat.evaluation.cases import Case, Reader, golden_case, judged_cases
from kbchat.evaluation.golden import read_golden_questions
from kbchat.retrieval.port import EVERYTHING, Scope


def add_set_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "sets",
        nargs="+",
        type=Path,
        help="files of golden questions (JSON lines: id, question, pages, answers; viewer, hidden), or folders in "
        "BEIR's layout, which are asked in a scratch library: each question with what answers it and without",
    )
    parser.add_argument("--as", dest="email", help="who asks the golden questions that name no viewer")
    parser.add_argument(
        "--collection", help="ask in this collection alone (default: in all that he may read)"
    )
    parser.add_argument("--split", default="test", help="of a folder: the file in qrels/ (default: test)")
    parser.add_argument("--limit", type=int, help="ask so many of each set, evenly chosen (default: all)")
    add_library_option(parser)


def cases_of(options: dict[str, Any], progress: OutputWrapper) -> list[Case]:
    """Raises CommandError, KbchatError; EmbeddedError where a scratch library cannot be filled."""
    kinds = {is_judged_set(path) for path in options["sets"]}
    if len(kinds) > 1:
        raise CommandError(
            "Golden questions are asked in the library, folders in a scratch one: one kind at a time."
        )
    if kinds == {True}:
        return [case for path in options["sets"] for case in _judged(path.resolve(), options, progress)]
    readers = _Readers(options["email"], options["collection"])
    return [
        golden_case(path.stem, question, readers.named(question.viewer))
        for path in options["sets"]
        for question in evenly(read_golden_questions(path), options["limit"])
    ]


def _judged(folder: Path, options: dict[str, Any], progress: OutputWrapper) -> Iterator[Case]:
    found = read_beir_set(folder, options["split"]).asking(options["limit"])
    library = filled_from(found, progress)
    reader = Reader.of(library.viewer, Scope(collection_ids=(library.collection_id,)))
    documents = {found.documents[place].id: document for document, place in library.pages.items()}
    yield from judged_cases(found.name, found.questions, read_answers(folder), reader, documents)


class _Readers:
    """Each asker once."""

    def __init__(self, email: str | None, collection: str | None) -> None:
        self._email = email
        self._collection = collection
        self._known: dict[str, Reader] = {}

    def named(self, email: str) -> Reader:
        """Raises CommandError where nobody is named, or he is not there, or may not read the collection."""
        asker = email or self._email
        if not asker:
            raise CommandError("These questions name no viewer: say by --as who asks.")
        if asker not in self._known:
            viewer = viewer_of(active_person(asker))
            self._known[asker] = Reader.of(viewer, self._scope(viewer))
        return self._known[asker]

    def _scope(self, viewer: Viewer) -> Scope:
        if self._collection is None:
            return EVERYTHING
        return Scope(collection_ids=(readable_collection(viewer, self._collection),))

"""Questions as they are put to a library: who asks, which documents answer, and what is taken out of it before.

Made of golden questions, whose pages are looked for among what their asker may read, or of a judged set, of which each
question is asked twice: with the documents that answer it and without them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer
from kbchat.evaluation.beir import BeirQuestion
from kbchat.evaluation.golden import GoldenQuestion
from kbchat.retrieval.port import EVERYTHING, Scope


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, in which scope. `paths`: of each document that he may read there, where it stood when it came in."""

    viewer: Viewer
    scope: Scope
    paths: Mapping[UUID, str]

    @classmethod
    def of(cls, viewer: Viewer, scope: Scope = EVERYTHING) -> "Reader":
        with viewing(viewer):
            documents = visible_documents(viewer)
            if scope.collection_ids:
                documents = documents.filter(collection__in=scope.collection_ids)
            return cls(viewer, scope, dict(documents.values_list("pk", "source_path")))

    def documents(self, pages: Sequence[str]) -> frozenset[UUID]:
        """Whichever folder above the pages was imported."""
        return frozenset(
            document
            for document, path in self.paths.items()
            if any(path == page or path.endswith(f"/{page}") for page in pages)
        )


@dataclass(frozen=True, slots=True)
class Case:
    """`expected`: for each thing that an answer needs, the documents that have it; () where a refusal is right. An
    empty set among them: the page is not there, and is not found. `hidden`: documents that the set says are closed to
    the reader. `excluded`: what is not there for this question."""

    id: str
    set: str
    question: str
    reader: Reader
    expected: tuple[frozenset[UUID], ...]
    answers: tuple[str, ...] = ()
    hidden: frozenset[UUID] = frozenset()
    excluded: tuple[UUID, ...] = ()

    @property
    def is_answerable(self) -> bool:
        return bool(self.expected)


def golden_case(set_name: str, question: GoldenQuestion, reader: Reader) -> Case:
    return Case(
        id=question.id,
        set=set_name,
        question=question.question,
        reader=reader,
        expected=(reader.documents(question.pages),) if question.is_answerable else (),
        answers=question.answers,
        hidden=reader.documents(question.hidden),
    )


def judged_cases(
    set_name: str,
    questions: Sequence[BeirQuestion],
    answers: Mapping[str, Sequence[str]],
    reader: Reader,
    documents: Mapping[str, UUID],
) -> Iterator[Case]:
    """Each question with its documents and without them. `documents`: ours by the set's ids."""
    for question in questions:
        gold = [documents[theirs] for theirs in question.judged if theirs in documents]
        if not gold:
            continue
        whole = Case(
            id=question.id,
            set=set_name,
            question=question.text,
            reader=reader,
            expected=tuple(frozenset((document,)) for document in gold),
            answers=tuple(answers.get(question.id, ())),
        )
        yield whole
        yield Case(f"{question.id} without", set_name, question.text, reader, (), excluded=tuple(gold))

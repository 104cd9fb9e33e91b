"""One golden question, asked once: where search has what is expected, and whether the library's own words answer it.

A model is not asked, so that a run costs nothing and gives the same twice. Nothing is stored, and the pin comes from
the caller: a generation that is to be judged is measured like the one in force.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, get_args
from uuid import UUID

from kbchat.analysis import Glossary, Language
from kbchat.answering.evidence import ANSWER_FROM, answer_from, judge_for_quoting
from kbchat.answering.ports import Budget
from kbchat.answering.quoting import choose
from kbchat.answering.weighing import weigh
from kbchat.core.errors import Unavailable
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.evaluation.comparing import contains_any
from kbchat.indexing.encoders import Encoders
from kbchat.inference.ports import Embedder
from kbchat.retrieval.port import Passage, Pin, Retrieval, Retriever, Scope

SEARCHED: Final = Budget().passages_to_quote
COUNTED: Final = 10
"""Recall and reciprocal rank are those among so many passages."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a version's text."""

    version_id: UUID
    span: Span

    def is_in(self, passage: Passage) -> bool:
        return passage.version_id == self.version_id and passage.span.overlaps(self.span)


@dataclass(frozen=True, slots=True)
class Asked:
    """`scope` None: nothing is left of what it was asked of. `places`: where the texts of today answer it.
    `expects_places` without any: they have changed, and the question has to be marked anew."""

    text: str
    scope: Scope | None
    places: tuple[Place, ...]
    expects_places: bool
    expected_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """As models.QuestionFigures keeps them."""

    expects_places: bool
    is_outdated: bool
    found_at: int | None
    reciprocal_rank: float | None
    recall: float | None
    is_refused: bool
    says_expected: bool | None


@dataclass(frozen=True, slots=True)
class Searching:
    """The ports under measurement. `reranker`: its name; "" where there is none."""

    retriever: Retriever
    encoders: Encoders
    reranker: str = ""

    def in_force(self, pin: Pin) -> dict[str, Any]:
        """What ranks and refuses by this pin, as JSON takes it."""
        return {
            "generation": pin.generation_id,
            "encoder": pin.encoder,
            "encoder_revision": pin.encoder_revision,
            "dense_weight": pin.dense_weight,
            "temperature": pin.temperature,
            "null_weights": pin.null_weights,
            "answer_from": dict.fromkeys(get_args(Language), ANSWER_FROM["quoting"])
            | pin.answer_from.get("quoting", {}),
            "reranker": self.reranker,
            "glossary_names": len(pin.glossary.entries),
            "glossary": _digest(pin.glossary),
        }


def ask(viewer: Viewer, asked: Asked, pin: Pin, searching: Searching) -> Figures:
    """Blocking. Raises Unavailable where the encoder does not answer: half a retriever is not what is measured."""
    passages, words = _answered(viewer, asked.text, asked.scope, pin, searching) if asked.scope else ((), "")
    return Figures(
        **_ranks(passages, asked.places),
        expects_places=asked.expects_places,
        is_outdated=asked.expects_places and not asked.places,
        is_refused=not words,
        says_expected=contains_any(words, asked.expected_words) if asked.expected_words else None,
    )


def quoted(question: str, found: Retrieval, pin: Pin, embedder: Embedder) -> str:
    """What an answer without a model would quote; "" where it would refuse. Blocking."""
    weighing = weigh(question, found, pin, embedder)
    is_enough = judge_for_quoting(weighing, answer_from("quoting", question, pin)).enough
    quotes = choose(question, weighing) if is_enough else []
    return "\n".join(quote.statement.text for quote in quotes)


def as_stored(figures: Figures) -> dict[str, Any]:
    return asdict(figures)


def _digest(glossary: Glossary) -> str:
    """Another one where any of its names is another."""
    names = sorted((name, sorted(others)) for name, others in glossary.entries.items())
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


def _answered(
    viewer: Viewer, question: str, scope: Scope, pin: Pin, searching: Searching
) -> tuple[Sequence[Passage], str]:
    found = searching.retriever.retrieve(viewer, question, pin, limit=SEARCHED, scope=scope)
    if found.trace.by_words_alone:
        raise Unavailable("search_model_unavailable")
    return found.passages, quoted(question, found, pin, searching.encoders.of(pin.generation_id))


def _ranks(passages: Sequence[Passage], places: Sequence[Place]) -> dict[str, Any]:
    if not places:
        return {"found_at": None, "reciprocal_rank": None, "recall": None}
    first = [
        next((rank for rank, passage in enumerate(passages, 1) if place.is_in(passage)), None)
        for place in places
    ]
    ranks = [rank for rank in first if rank is not None]
    best = min(ranks, default=None)
    return {
        "found_at": best,
        "reciprocal_rank": 1 / best if best is not None and best <= COUNTED else 0.0,
        "recall": sum(rank <= COUNTED for rank in ranks) / len(places),
    }

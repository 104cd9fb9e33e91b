"""Weights and calibration of a generation, fitted anew on the golden questions that a person keeps.

Every second question is fitted on, the others tell whether what was fitted finds no less than what is in force: then,
and then alone, it is put to use. Under the person's rights, as everything that golden questions are for.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.analysis import language_of
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.evaluation.beir import BeirQuestion
from kbchat.evaluation.halving import halved
from kbchat.evaluation.keeping import scope_of, visible_questions
from kbchat.evaluation.legs import Searched
from kbchat.evaluation.null_tuning import ask_with_and_without, fit_null
from kbchat.evaluation.paraphrasing import MeaningKept
from kbchat.evaluation.places import places_in_force
from kbchat.evaluation.tuning import Pooled, fit, pool
from kbchat.indexing.encoders import Encoders
from kbchat.indexing.generations import complete_generations, set_fusion
from kbchat.inference.ports import Embedder
from kbchat.retrieval.port import Retriever, Scope

LEAST_QUESTIONS: Final = 20
"""Of a language: with fewer, chance decides, and what is in force stays."""

# Of nDCG@10, by which what was fitted may be below what is in force.
_NOISE: Final = 0.001
_SET: Final = "golden"


@dataclass(frozen=True, slots=True)
class Refitting:
    """`retriever_by`: production's, asking by an embedder; without a reranker, which is no part of what is fitted."""

    encoders: Encoders
    retriever_by: Callable[[Embedder], Retriever]


@dataclass(frozen=True, slots=True)
class Refitted:
    """nDCG@10 on the half that nothing was fitted on, by the weights that were in force and by the fitted ones;
    `is_put_to_use`: it was no worse. `error`: of p(some passage answers), on the same half."""

    generation: int
    questions: int
    before: float
    now: float
    error: float
    is_put_to_use: bool
    dense_weights: dict[str, float]
    temperature: float

    def as_stored(self) -> dict[str, Any]:
        return asdict(self)


def refit(viewer: Viewer, refitting: Refitting) -> list[Refitted]:
    """Of every generation that is complete and kept. Blocking, for some minutes. Raises
    Invalid("too_few_golden_questions"), Unavailable, ModelUnavailable."""
    asked = _questions(viewer)
    if not asked:
        raise Invalid("too_few_golden_questions", least=LEAST_QUESTIONS)
    return [_refitted(viewer, each.pk, asked, refitting) for each in complete_generations()]


Question = tuple[Scope, BeirQuestion]
"""Where it is asked, and by document what answers it."""


def _questions(viewer: Viewer) -> list[Question]:
    """Those that stand in today's texts, in languages that have enough of them."""
    with viewing(viewer):
        kept = visible_questions(viewer).prefetch_related("places").order_by("created_at", "pk")
        found = []
        for question in kept:
            expected = list(question.places.all())
            in_force = places_in_force(viewer, expected)
            judged = {str(place.document_id): 1 for place in expected if place.pk in in_force}
            scope = scope_of(question)
            # What is ranked here are documents: among those that a question names there is nothing to tell apart.
            if judged and not scope.document_ids:
                found.append((scope, BeirQuestion(str(question.pk), question.text, judged)))
    languages = [language_of(question.text) for _, question in found]
    enough = {each for each in languages if languages.count(each) >= LEAST_QUESTIONS}
    return [one for one, language in zip(found, languages, strict=True) if language in enough]


def _refitted(
    viewer: Viewer, generation_id: int, asked: Sequence[Question], refitting: Refitting
) -> Refitted:
    encoder = refitting.encoders.compared(generation_id)
    texts = [question.text for _, question in asked]
    retriever = refitting.retriever_by(MeaningKept(encoder, texts))
    pin = retriever.pin(generation_id)
    searched = [(_searched(viewer, retriever, where), question) for where, question in asked]
    pooled = [each for where, question in searched for each in pool(where, [question], pin)]
    fitted = fit({_SET: pooled})
    weights = {**pin.dense_weight, **fitted.dense_weights}
    fitted_pin = replace(pin, dense_weight=weights)
    null = fit_null(
        {_SET: [row for where, one in searched for row in ask_with_and_without(where, [one], fitted_pin)]}
    )
    _, told_by = halved(pooled, lambda one: one.language)
    before, now = (_worth(told_by, each) for each in (pin.dense_weight, weights))
    is_better = now >= before - _NOISE
    if is_better:
        set_fusion(generation_id, fitted.dense_weights, fitted.temperature, null.weights)
    return Refitted(
        generation=generation_id,
        questions=len(asked),
        before=before,
        now=now,
        error=null.reliability.error,
        is_put_to_use=is_better,
        dense_weights=fitted.dense_weights,
        temperature=fitted.temperature,
    )


def _searched(viewer: Viewer, retriever: Retriever, scope: Scope) -> Searched:
    """What is judged goes by our own ids."""
    with viewing(viewer):
        documents = visible_documents(viewer).filter(collection__in=scope.collection_ids)
        names = {each: str(each) for each in documents.values_list("pk", flat=True)}
    return Searched(viewer, scope, retriever, retriever, names)


def _worth(pooled: Sequence[Pooled], weights: dict[str, float]) -> float:
    return statistics.fmean(one.worth(weights) for one in pooled)

"""Which reports are about the same gap: questions that mean the same, or share their words.

Measured with the packaged encoder on 30 English pairs of questions that mean the same and were worded by hand, with
1,740 pairs of them that do not, and on the 1,187 questions of XQuAD-en, where many are asked of one paragraph: from
.75 on 15 of the 30 are joined, 2 of the 1,740, and of XQuAD's 703,891 pairs 371, most of them of one paragraph ("who
founded", "when was founded"). By words, where the encoder does not read the language (25 Chinese pairs, 1,200 others):
from a Dice coefficient of .5 on 11 of the 25 and 1 of the others. Two gaps that are one cost a second look, one that
is two hides a question, hence the high bar. For other encoders it is not measured.
"""

from dataclasses import dataclass
from typing import Final

from kbchat.analysis import content_words, language_of
from kbchat.core.errors import Unavailable
from kbchat.indexing.encoders import Encoders
from kbchat.inference.ports import ModelUnavailable, Vector
from kbchat.retrieval.port import Retriever

NEAR: Final = 0.75
"""Cosine from which two questions mean the same."""
SHARED: Final = 0.5
"""Dice coefficient of their words, where no vectors are compared."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a question is compared by. `encoder`: what made the vector, "" where there is none."""

    language: str
    words: list[str]
    encoder: str = ""
    vector: Vector | None = None


def likeness_of(question: str, retriever: Retriever, encoders: Encoders | None) -> Likeness:
    """Blocking; not inside a transaction. By words alone without encoders, where the encoder is not there, or where it
    counts nothing in the question's language."""
    language = language_of(question)
    words = sorted(set(content_words(question)))
    if encoders is None:
        return Likeness(language, words)
    try:
        pin = retriever.pin()
        if pin.dense_weight_of(language) <= 0:
            return Likeness(language, words)
        encoder = encoders.of(pin.generation_id)
        vector = encoder.embed_queries([question])[0]
    except (ModelUnavailable, Unavailable):
        # A report is not lost for want of a model.
        return Likeness(language, words)
    made_by = f"{encoder.identity.model} {encoder.identity.revision} {encoder.identity.query_prefix}"
    return Likeness(language, words, made_by[:300], vector)

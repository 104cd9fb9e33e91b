"""What goes over the wire of golden questions and their runs, for owners."""

from datetime import datetime
from uuid import UUID

from kbchat.web.conversation_shapes import Scope
from kbchat.web.shapes import Shape


class ExpectedPlace(Shape):
    """A passage that answers, in a version's text. `title`: "" where the document is gone. `is_outdated`: its words do
    not stand in the version in force."""

    document_id: UUID
    version_id: UUID
    title: str
    start: int
    end: int
    is_outdated: bool


class QuestionFigures(Shape):
    """`found_at`: the place, from 1, of the first passage that answers; `recall`, `reciprocal_rank`: among the first
    10; null where no place is expected, or none stands in today's texts (`is_outdated`). `is_refused`: quotes would not
    answer it. `says_expected`: they hold the expected words; null where none are expected."""

    expects_places: bool
    is_outdated: bool
    found_at: int | None
    reciprocal_rank: float | None
    recall: float | None
    is_refused: bool
    says_expected: bool | None


class GoldenQuestion(Shape):
    """`scope`: what it is asked of; `document_titles`: of its documents, as far as they are there. Without places, the
    library does not hold it. `latest`: what the newest run of what answers found, since the question was changed."""

    id: UUID
    text: str
    scope: Scope
    document_titles: list[str]
    places: list[ExpectedPlace]
    expected_words: list[str]
    changed_at: datetime
    latest: QuestionFigures | None


class InForce(Shape):
    """What ranked and refused. `dense_weight`: of the dense leg, by language of the question. `reranker`: "" where
    there is none. `glossary_names`: how many names the glossary had; `glossary`: a digest of them. `null_weights`: by
    which the probability that nothing answers was computed, by language; `answer_from`: the probability from which on
    it was answered. The last three are null in runs of versions that did not keep them."""

    generation: int
    encoder: str
    encoder_revision: str
    dense_weight: dict[str, float]
    temperature: float
    reranker: str
    glossary_names: int
    glossary: str | None = None
    null_weights: dict[str, dict[str, float]] | None = None
    answer_from: dict[str, float] | None = None


class GoldenRun(Shape):
    """Sums over the questions that the reader may see. `answerable`: those with expected places; of them `found` among
    the first 10 passages, and `answered`: not refused; `recall`, `mrr`: their means. `silent`: those that the library
    does not hold; of them `refused`. `outdated`: to be marked anew; they count nowhere. `worded`: with expected words;
    of them `said`. `finished_at` null: it waits for whoever started it to go on."""

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    in_force: InForce
    answerable: int
    found: int
    recall: float | None
    mrr: float | None
    answered: int
    silent: int
    refused: int
    outdated: int
    worded: int
    said: int
    is_own: bool


class GoldenProgress(Shape):
    """`remaining`: questions that are still to be asked; 0: the run is finished."""

    id: UUID
    remaining: int


class MeasuredQuestion(Shape):
    """`before`: what the run before that asked it of the same index found. `is_changed`: the question was changed after
    the run had begun, so that `now` may be of another one; then `before` is null."""

    question_id: UUID
    text: str
    is_changed: bool
    now: QuestionFigures
    before: QuestionFigures | None


class GoldenRunDetail(Shape):
    run: GoldenRun
    questions: list[MeasuredQuestion]

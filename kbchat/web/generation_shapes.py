"""What goes over the wire of index generations and their builds, for administrators."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from kbchat.web.shapes import Shape

GenerationState = Literal["building", "shadow", "ready", "retired"]
BuildState = Literal["queued", "running", "paused", "built", "failed", "cancelled"]


class KnownItems(Shape):
    """Mean reciprocal rank of sentences of the library by vectors alone, by the generation that answered,
    `compared_with`, and by the new one; `low`, `high`: of the mean difference, 95 %."""

    compared_with: int | None = None
    asked: int
    before: float
    now: float
    low: float
    high: float


class Checks(Shape):
    """`problems`: what speaks against it. `misplaced`: vectors that stand under the rights of another passage.
    `cosine`: the lowest of the vectors that were computed anew. `known_items`: null where nobody compared them.
    `drift`: in log-odds, by how much the same evidence counts otherwise than in the generation in force."""

    missing: int
    strays: int
    misplaced: int = 0
    recomputed: int
    cosine: float
    known_items: KnownItems | None
    drift: float | None = None
    problems: list[str]


class Build(Shape):
    """`rate`: passages a second; `remaining_seconds`: by that rate. `checks`: null before its end."""

    id: UUID
    state: BuildState
    problem: str
    passages: int
    written: int
    reused: int
    rate: float | None
    remaining_seconds: float | None
    requested_at: datetime
    finished_at: datetime | None
    checks: Checks | None


class Shadow(Shape):
    """Means over people's questions that were asked of a generation besides the one that answers: the share of the
    first ten passages that both have, the correlation of their ranks (Spearman), milliseconds of each search."""

    asked: int
    overlap: float
    correlation: float | None
    milliseconds_before: float
    milliseconds_now: float


class Generation(Shape):
    """`answers`: it is the one in force. `source`: by what its encoder is opened, "" where it does not say. `is_old`:
    the program cuts or analyses text in another way by now. `by_words`: languages that its encoder is not asked in, so
    that words alone find. `build`: its newest. `graph_recall`: what the graph over
    its vectors finds of the nearest; null where there is none, or nobody has looked; `graph_problems`: what of that
    speaks against it. `override_reason`: why it was put in force although checks refused it. `shadow`: null where no
    question was asked of it yet."""

    id: int
    state: GenerationState
    answers: bool
    encoder: str
    source: str
    dimension: int
    is_old: bool
    by_words: list[str]
    created_at: datetime
    answered_until: datetime | None
    build: Build | None
    graph_recall: float | None
    graph_problems: list[str]
    override_reason: str
    shadow: Shadow | None


class Generations(Shape):
    """Newest first, and builds that have no generation yet. `configured`: the encoder that the settings name; where
    `is_configured` is false, the library answers by another one. `offered`: by which encoders another one may be
    built, the configured one first."""

    generations: list[Generation]
    waiting: list[Build]
    configured: str
    is_configured: bool
    offered: list[str]


class LostQuestion(Shape):
    question_id: UUID
    text: str
    found_before: int


class GoldenComparison(Shape):
    """Mean recall of the golden questions that both were asked since the new one was built; `kept`: those that the
    caller may see and that need not be marked anew."""

    kept: int
    asked: int
    before: float
    now: float
    low: float
    high: float
    lost: list[LostQuestion]
    problems: list[str]


class LostSentence(Shape):
    """Of the library, whose passage is found no more. `title`: of its document."""

    document_id: UUID
    title: str
    text: str

"""What goes over the wire of a search that is explained, for owners."""

from kbchat.answering.events import Source
from kbchat.web.shapes import Shape


class LegPlace(Shape):
    """`rank` from 1; `score`: cosine, or BM25."""

    rank: int
    score: float


class ExplainedPassage(Shape):
    """Where each leg alone has it; None: not among its candidates. `probability`: its share of all that are shown."""

    source: Source
    dense: LegPlace | None
    lexical: LegPlace | None
    probability: float


class SearchExplanation(Shape):
    """`searched`: passages in the collections. `path`: how the dense leg was computed, "" without it. `dense_weight`:
    of the dense leg in the blend. `temperature`: of the probabilities. `expansions`: other names from the glossary.
    `null_probability`: that none answers. `milliseconds`: by "encoder", "database" and "reranker"."""

    passages: list[ExplainedPassage]
    searched: int
    path: str
    dense_weight: float
    temperature: float
    expansions: list[str]
    null_probability: float
    milliseconds: dict[str, float]


class SearchComparison(Shape):
    """`places`: where what is in force has each passage of what is tried, from 1; None: not among those shown."""

    in_force: SearchExplanation
    tried: SearchExplanation
    places: list[int | None]

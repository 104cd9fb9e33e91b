"""Whether the graph over a generation's vectors was made and finds what comparing all of them finds."""

from typing import Final

from kbchat.indexing.health import LEAST_RECALL
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.vector_index import is_worth_an_index

NOT_PROBED: Final = "graph_not_probed"
MISSES: Final = "graph_misses"


def graph_problems(generation: IndexGeneration) -> list[str]:
    """What speaks against putting it in force. Of few vectors all are compared, without a graph."""
    if generation.graph_recall is None:
        is_awaited = generation.has_vector_index or is_worth_an_index(generation)
        return [NOT_PROBED] if is_awaited else []
    return [MISSES] if generation.graph_recall < LEAST_RECALL else []

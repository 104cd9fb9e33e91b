"""What has to be there before anything is written into an index: the first generation, and what its encoder reads."""

from kbchat.core.errors import Unavailable
from kbchat.indexing.encoders import Encoders
from kbchat.indexing.generations import active_generation, begin_with_weights, ensure_active_generation
from kbchat.indexing.models import IndexGeneration
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.retrieval.calibration import is_known
from kbchat.retrieval.languages_read import weights_by_reading


def ensure_index(encoders: Encoders) -> None:
    """The very first generation is made for the configured encoder. Of an encoder that nothing was fitted for, it is
    found out once which languages it reads. Raises ModelUnavailable."""
    source = encoders.configured_source.as_stored()
    ensure_active_generation(encoders.configured.identity, CHUNKING_POLICY, source)
    active = active_generation()
    if not is_unasked(active):
        return
    try:
        encoder = encoders.compared(active.pk)
    except Unavailable:
        # It is another one than made the vectors: whoever starts says what to do.
        return
    begin_with_weights(active.pk, weights_by_reading(encoder))


def is_unasked(generation: IndexGeneration) -> bool:
    """Whether nobody knows which languages its encoder reads. A weight that was fitted, or found out, is its own."""
    return not generation.dense_weights and not is_known(generation.encoder)

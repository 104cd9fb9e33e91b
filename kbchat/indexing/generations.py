"""Index generations: which one answers, and which ones new passages are written into."""

import math
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from kbchat.analysis import ANALYSER_VERSION
from kbchat.core.errors import Invalid, Unavailable
from kbchat.core.rows import read_rows
from kbchat.indexing.models import LIVE, ActiveGeneration, GenerationState, IndexGeneration
from kbchat.inference.ports import EncoderIdentity

_LOCK_SECONDS: Final = 2
_LIVE: Final = """
FROM indexing_activegeneration a
JOIN indexing_indexgeneration g ON g.id = a.generation_id OR g.state = ANY(%(live)s)
ORDER BY g.id = a.generation_id DESC, g.id"""


def active_generation() -> IndexGeneration:
    """The one that answers now. Raises Unavailable("no_active_generation")."""
    pointer = ActiveGeneration.objects.select_related("generation").first()
    if pointer is None:
        raise Unavailable("no_active_generation")
    return pointer.generation


def hold_active_generation() -> int:
    """The id of the one that answers; to the end of the transaction no other takes its place. A worker's to ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT generation_id FROM indexing_activegeneration FOR SHARE")
        return int(cursor.fetchone()[0])


def kept_generation(generation_id: int) -> IndexGeneration:
    """Raises Unavailable("no_active_generation") for one that is not kept."""
    generation = IndexGeneration.objects.filter(pk=generation_id, state__in=LIVE).first()
    if generation is None:
        raise Unavailable("no_active_generation")
    return generation


def policy_that_answers() -> QuerySet[ActiveGeneration, str]:
    """The active generation's chunking policy, for a statement's own use: a version may have chunks by several."""
    return ActiveGeneration.objects.values_list("generation__chunking_policy", flat=True)


def identity_of(generation: IndexGeneration) -> EncoderIdentity:
    return EncoderIdentity(
        model=generation.encoder,
        revision=generation.encoder_revision,
        dimension=generation.dimension,
        query_prefix=generation.query_prefix,
        document_prefix=generation.document_prefix,
        normalised=generation.normalised,
    )


def _columns_of(identity: EncoderIdentity) -> dict[str, Any]:
    """The other way round."""
    return {
        "encoder": identity.model,
        "encoder_revision": identity.revision,
        "dimension": identity.dimension,
        "query_prefix": identity.query_prefix,
        "document_prefix": identity.document_prefix,
        "normalised": identity.normalised,
    }


def comparable_generations(identity: EncoderIdentity) -> QuerySet[IndexGeneration]:
    """Live ones with vectors of that encoder."""
    return IndexGeneration.objects.filter(state__in=LIVE, **_columns_of(identity))


def live_generations() -> list[IndexGeneration]:
    """Those that everything new is written into, the active one first. Raises Unavailable("no_active_generation")."""
    live: list[IndexGeneration] = [
        one for (one,) in read_rows(_LIVE, {"live": list(LIVE)}, g=IndexGeneration)
    ]
    if not live:
        raise Unavailable("no_active_generation")
    return live


def complete_generations() -> list[IndexGeneration]:
    """Those that can answer, the active one first. Raises Unavailable("no_active_generation")."""
    return [each for each in live_generations() if each.state != GenerationState.BUILDING]


def ensure_active_generation(
    identity: EncoderIdentity, chunking_policy: str, source: Mapping[str, str] | None = None
) -> IndexGeneration:
    """The active generation; the very first is made for `identity`, which is opened by `source`. An existing one is
    left as it is; one of this identity that does not say by what it is opened is told."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two workers that start at once must not both make the first.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat first generation'))")
        pointer = ActiveGeneration.objects.select_related("generation").first()
        if pointer is not None:
            generation = pointer.generation
            if source and not generation.source and identity_of(generation) == identity:
                generation.source = dict(source)
                generation.save(update_fields=["source"])
            return generation
        generation = new_generation(identity, chunking_policy, source or {}, GenerationState.READY)
        ActiveGeneration.objects.create(generation=generation)
        return generation


@transaction.atomic
def new_generation(
    identity: EncoderIdentity, chunking_policy: str, source: Mapping[str, str], state: GenerationState
) -> IndexGeneration:
    """An empty one, with its partitions. A worker's to make."""
    generation = IndexGeneration.objects.create(
        state=state,
        chunking_policy=chunking_policy,
        analyser_version=ANALYSER_VERSION,
        source=dict(source),
        **_columns_of(identity),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_create_generation_partitions(%s)", [generation.pk])
    return generation


def wait_briefly(cursor: CursorWrapper) -> None:
    """For tables, to the end of the transaction: nobody who searches stands long behind one that waits. What waits too
    long raises OperationalError."""
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_SECONDS}s"])


def begin_with_weights(generation_id: int, dense_weights: Mapping[str, float]) -> None:
    """Of the dense leg, for a generation that has none of its own yet."""
    IndexGeneration.objects.filter(pk=generation_id, dense_weights={}).update(
        dense_weights=dict(dense_weights)
    )


def set_fusion(
    generation_id: int,
    dense_weights: Mapping[str, float],
    temperature: float,
    null_weights: Mapping[str, Mapping[str, float]],
) -> None:
    """From the next question on; what is not given stays. Raises Invalid("fusion_unusable") for weights outside of
    0..1, a temperature that is not above 0, or a log-odds that is no number."""
    log_odds = [value for weights in null_weights.values() for value in weights.values()]
    if not all(0 <= weight <= 1 for weight in dense_weights.values()) or not temperature > 0:
        raise Invalid("fusion_unusable")
    if not all(map(math.isfinite, log_odds)):
        raise Invalid("fusion_unusable")
    with transaction.atomic():
        kept = IndexGeneration.objects.select_for_update().get(pk=generation_id)
        kept.dense_weights = {**kept.dense_weights, **dense_weights}
        null = {**kept.calibration.get("null", {}), **null_weights}
        kept.calibration = {**kept.calibration, "temperature": temperature, "null": null}
        kept.save(update_fields=["dense_weights", "calibration"])


def set_abstention(generation_id: int, answer_from: Mapping[str, Mapping[str, float]]) -> None:
    """By strategy and language, from the next question on; what is not given stays. Raises
    Invalid("abstention_unusable") for what is no probability."""
    if not all(0 <= least <= 1 for told in answer_from.values() for least in told.values()):
        raise Invalid("abstention_unusable")
    with transaction.atomic():
        kept = IndexGeneration.objects.select_for_update().get(pk=generation_id)
        former = kept.calibration.get("answer_from", {})
        merged = {name: {**former.get(name, {}), **told} for name, told in answer_from.items()}
        kept.calibration = {**kept.calibration, "answer_from": {**former, **merged}}
        kept.save(update_fields=["calibration"])

"""Index generations: which one answers, and which ones new passages are written into."""

import math
from collections.abc import Mapping

from django.db import connection, transaction

from kbchat.analysis import ANALYSER_VERSION
from kbchat.core.errors import Invalid, Unavailable
from kbchat.indexing.models import LIVE, ActiveGeneration, GenerationState, IndexGeneration
from kbchat.inference.ports import EncoderIdentity


def active_generation() -> IndexGeneration:
    """The one that answers now. Raises Unavailable("no_active_generation")."""
    pointer = ActiveGeneration.objects.select_related("generation").first()
    if pointer is None:
        raise Unavailable("no_active_generation")
    return pointer.generation


def identity_of(generation: IndexGeneration) -> EncoderIdentity:
    return EncoderIdentity(
        model=generation.encoder,
        revision=generation.encoder_revision,
        dimension=generation.dimension,
        query_prefix=generation.query_prefix,
        document_prefix=generation.document_prefix,
        normalised=generation.normalised,
    )


def live_generations(identity: EncoderIdentity) -> list[IndexGeneration]:
    """Those that this encoder writes into. Raises Unavailable("encoder_changed") when the active one is not among
    them: its vectors and this encoder's cannot be compared.
    """
    generations = IndexGeneration.objects.filter(state__in=LIVE).order_by("pk")
    mine = [generation for generation in generations if identity_of(generation) == identity]
    if active_generation() not in mine:
        raise Unavailable("encoder_changed")
    return mine


def ensure_active_generation(identity: EncoderIdentity, chunking_policy: str) -> IndexGeneration:
    """The active generation; the very first is made for `identity`. An existing one is left as it is."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two workers that start at once must not both make the first.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat first generation'))")
        pointer = ActiveGeneration.objects.select_related("generation").first()
        if pointer is not None:
            return pointer.generation
        generation = IndexGeneration.objects.create(
            state=GenerationState.READY,
            encoder=identity.model,
            encoder_revision=identity.revision,
            dimension=identity.dimension,
            query_prefix=identity.query_prefix,
            document_prefix=identity.document_prefix,
            normalised=identity.normalised,
            chunking_policy=chunking_policy,
            analyser_version=ANALYSER_VERSION,
        )
        cursor.execute("SELECT kbchat_create_generation_partitions(%s)", [generation.pk])
        ActiveGeneration.objects.create(generation=generation)
        return generation


def set_fusion(
    generation: IndexGeneration,
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
        kept = IndexGeneration.objects.select_for_update().get(pk=generation.pk)
        kept.dense_weights = {**kept.dense_weights, **dense_weights}
        null = {**kept.calibration.get("null", {}), **null_weights}
        kept.calibration = {**kept.calibration, "temperature": temperature, "null": null}
        kept.save(update_fields=["dense_weights", "calibration"])

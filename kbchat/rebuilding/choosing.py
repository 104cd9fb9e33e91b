"""By which encoder another index may be built: one that the operator has named, or that an index which is kept has.

What a browser sends opens nothing. It is compared with what these are called, so that no folder is read and no address
is asked but those that somebody chose on the machine itself.
"""

from kbchat.core.errors import Invalid
from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.models import LIVE, IndexGeneration


def offered_encoders(encoders: Encoders) -> dict[str, EncoderSource]:
    """By what each is called, the configured one first."""
    kept = IndexGeneration.objects.filter(state__in=LIVE).exclude(source={}).order_by("-pk")
    offered: dict[str, EncoderSource] = {}
    for source in (
        encoders.configured_source,
        *encoders.other_sources,
        *(EncoderSource(**stored) for stored in kept.values_list("source", flat=True)),
    ):
        # Of two that are called alike, the operator's own.
        offered.setdefault(source.told, source)
    return offered


def chosen_encoder(encoders: Encoders, name: str) -> EncoderSource:
    """Raises Invalid("encoder_not_offered") for what is none of these."""
    source = offered_encoders(encoders).get(name)
    if source is None:
        raise Invalid("encoder_not_offered")
    return source

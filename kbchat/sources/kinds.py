"""The kinds of sources by their names. Another one is a file with a class, and a line here."""

from typing import Final

from kbchat.core.errors import Invalid
from kbchat.sources.bucket import BucketSource
from kbchat.sources.folder import FolderSource
from kbchat.sources.git import GitSource
from kbchat.sources.mail_folder import MailFolderSource
from kbchat.sources.port import Place, Source, Surroundings
from kbchat.sources.website import WebsiteSource

KINDS: Final[dict[str, type[Source]]] = {
    "folder": FolderSource,
    "mail_folder": MailFolderSource,
    "git": GitSource,
    "website": WebsiteSource,
    "bucket": BucketSource,
}


def source_at(kind: str, place: Place, surroundings: Surroundings) -> Source:
    """Raises Invalid for a place that lacks something, says more than it may, or may not be read."""
    known = KINDS.get(kind)
    if known is None:
        raise Invalid("source_kind_unknown")
    lacking = [
        name for name, is_needed in known.fields.items() if is_needed and not place.get(name, "").strip()
    ]
    if lacking or not place.keys() <= known.fields.keys():
        raise Invalid("source_place_incomplete")
    return known.at({name: value.strip() for name, value in place.items()}, surroundings)

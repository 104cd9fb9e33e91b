"""What is too much for us, a file or a listing: counted as the limit that it reaches, and an error that says which."""

from kbchat.core.errors import Invalid
from kbchat.core.limits import Limit, reached


def too_large(filename: str, most_bytes: int) -> Invalid:
    return reached(Limit.UPLOAD_BYTES, Invalid("too_large", filename=filename, limit_bytes=most_bytes))


def too_many_items(most: int) -> Invalid:
    return reached(Limit.SOURCE_ITEMS, Invalid("source_too_large", most=most))

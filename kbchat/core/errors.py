"""The error tree: by cause, never by the library that noticed. One place (web.http) turns it into responses.

A `code` is stable and machine-readable; sentences in the reader's language are made from it at the edge.
"""

import math


class KbchatError(Exception):
    """`facts` are harmless values for the sentence: numbers, names that the reader himself sent."""

    code = "internal"

    def __init__(self, code: str | None = None, **facts: str | int | float) -> None:
        self.code = code or self.code
        self.facts = facts
        super().__init__(self.code)


class NotFound(KbchatError):
    """Absent, or hidden from this viewer: the two look the same."""

    code = "not_found"


class NotAllowed(KbchatError):
    """The viewer may see the thing and may not do this to it."""

    code = "not_allowed"


class Invalid(KbchatError):
    """What was sent cannot be used; the code says what is wrong with it."""

    code = "invalid"


class Conflict(KbchatError):
    """Somebody else was first; reading again and repeating may help."""

    code = "conflict"


class Busy(KbchatError):
    """A limit is reached for now; waiting helps, and `wait_seconds` is how long at most, where that is known."""

    code = "busy"

    @property
    def wait_seconds(self) -> int | None:
        wait = self.facts.get("wait_seconds")
        return math.ceil(wait) if isinstance(wait, int | float) else None


class Unavailable(KbchatError):
    """A part that is needed does not answer (database, queue, model)."""

    code = "unavailable"

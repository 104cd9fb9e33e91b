"""What goes over the wire of the glossary, for administrators."""

from uuid import UUID

from kbchat.web.shapes import Shape


class GlossaryEntry(Shape):
    """Names of one thing, the usual one first."""

    id: UUID
    names: list[str]

"""What holds at a place of an RTF: where its text goes, and why some is left out."""

from dataclasses import dataclass, field
from typing import Final

from kbchat.parsing.document import HiddenPart

SWITCHES: Final = {
    "v": "is_hidden", "deleted": "is_deleted", "strike": "is_struck", "striked": "is_struck_twice",
}  # fmt: skip
"""Control words that hide, and what they set in the state; a 0 behind them takes it back."""


@dataclass(frozen=True, slots=True)
class State:
    """What holds inside a group, and ends with it. ``place``: where text goes, "" for the document itself."""

    place: str = ""
    around: str = ""
    """Where text went outside the pair that says the same twice, in letters for older programs and in Unicode."""
    reason: HiddenPart | None = None
    """Why nothing of where it goes is read; what is hidden among the rest is told by those below."""
    is_hidden: bool = False
    is_deleted: bool = False
    is_struck: bool = False
    is_struck_twice: bool = False
    is_raised: bool = False
    font: int | None = None
    after_unicode: int = 1
    level: int | None = None
    style: int | None = None
    list_depth: int = 0
    is_in_table: bool = False

    @property
    def why_left_out(self) -> HiddenPart | None:
        """None for text that is read. A style that strikes out has a name like others."""
        if self.reason is not None or self.place == "styles":
            return self.reason
        if self.is_hidden:
            return HiddenPart.HIDDEN_TEXT
        is_out = self.is_deleted or self.is_struck or self.is_struck_twice
        return HiddenPart.TRACKED_DELETIONS if is_out else None


@dataclass(slots=True)
class Table:
    """The rows that have ended, and the cells of the one that has not."""

    rows: list[list[str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    heads: int = 0
    is_head: bool = False

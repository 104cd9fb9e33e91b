"""Which heading names the whole document, where no style calls it the title. Knows no format."""

from kbchat.parsing.numbered_headings import numbered_rank


class TopHeadings:
    """Those of the first rank, in order."""

    def __init__(self) -> None:
        self._first = ""
        self._count = 0
        self._names_one_part = False
        self._opens = False

    def add(self, text: str, *, is_numbered: bool, opens: bool) -> None:
        """``is_numbered``: a number is printed before it; ``opens``: nothing of the document stands before it."""
        if not text.strip():
            return
        if not self._count:
            self._first, self._opens = text, opens
            self._names_one_part = is_numbered or numbered_rank(text, stands_alone=True) is not None
        self._count += 1

    def title(self, told: str) -> str:
        """The only one that there is; else what the file's properties tell; else the one that opens the document.

        Never one with a number, which names one part among others. "" where the file's name says more than all of them.
        """
        first = "" if self._names_one_part else self._first
        if self._count == 1 and first:
            return first
        return told or (first if self._opens else "")

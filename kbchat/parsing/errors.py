"""Why a file could not be read, as codes.

The sentences a person reads are made elsewhere, in two languages, from the code and its facts; no
sentence is written here.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

Fact = str | int | float


class ParseErrorCode(StrEnum):
    EMPTY_FILE = "empty_file"
    UNSUPPORTED_TYPE = "unsupported_type"
    NOT_AS_NAMED = "not_as_named"
    OLDER_FORMAT = "older_format"
    ARCHIVE = "archive"
    FILE_IN_LFS = "source_file_in_lfs"
    PICTURE = "picture"
    PICTURE_TOO_LARGE = "picture_too_large"
    PASSWORD_PROTECTED = "password_protected"  # noqa: S105  (a code, not a password)
    SCAN_WITHOUT_TEXT = "scan_without_text"
    NO_TEXT_RECOGNISED = "no_text_recognised"
    CORRUPT = "corrupt"
    ENCODING_UNSURE = "encoding_unsure"
    TOO_LARGE_UNPACKED = "too_large_unpacked"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    STALLED = "stalled"
    KILLED = "killed"


OF_THE_MACHINE = frozenset({ParseErrorCode.CRASHED, ParseErrorCode.STALLED, ParseErrorCode.KILLED})
"""Perhaps the machine's trouble rather than the file's: another try may end otherwise. Every other code is final, and
so is a file's own use of processor time (TIMED_OUT) and memory (OUT_OF_MEMORY): both are the same each time."""

OF_ITS_SIZE = frozenset(
    {ParseErrorCode.TIMED_OUT, ParseErrorCode.OUT_OF_MEMORY, ParseErrorCode.TOO_LARGE_UNPACKED}
)
"""What takes more than a child may have, and would each time."""

OF_THE_EQUIPMENT = frozenset(
    {ParseErrorCode.SCAN_WITHOUT_TEXT, ParseErrorCode.PICTURE, ParseErrorCode.OLDER_FORMAT}
)
"""What is read where Tesseract, or LibreOffice, is installed: another try after that ends otherwise."""


class ParseError(Exception):
    """A file that gives no document.

    ``facts`` are plain values for the sentence shown to a person (a media type, a page count, a
    limit); they never hold text of the document.
    """

    def __init__(self, code: ParseErrorCode, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, Fact] = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code.value} ({told})" if told else self.code.value

    def __reduce__(self) -> tuple[Callable[..., "ParseError"], tuple[str, dict[str, Fact]]]:
        # Keyword facts do not survive the pickling of exceptions by itself, and queues pickle them.
        return _rebuilt, (self.code.value, dict(self.facts))


def _rebuilt(code: str, facts: dict[str, Fact]) -> ParseError:
    return ParseError(ParseErrorCode(code), **facts)

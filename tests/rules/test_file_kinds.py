"""What a reader calls the formats of files."""

from kbchat.parsing.file_kinds import KIND_OF, FileKind, media_types_of
from kbchat.parsing.registry import PARSERS


def test_every_format_that_is_read_has_one_kind() -> None:
    assert set(KIND_OF) == set(PARSERS)
    assert sorted(media_types_of(FileKind)) == sorted(PARSERS)

"""Which files of a folder or an archive are brought in: whoever sends many has not chosen each of them.

By their names first, then by what they hold. What is passed over has a reason, like what is refused.
"""

from collections.abc import Iterable
from typing import IO, Final

from kbchat.core.errors import Invalid
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.registry import PARSERS
from kbchat.parsing.sniffing import PICTURES, PLAIN_TEXT, is_markup, media_type_of_file, named_type, suffix_of

# Of site generators: made from the pages, or what pages are made with. And what macOS puts beside every file.
_MACHINERY: Final = frozenset(
    {"_site", "_layouts", "_includes", "_sass", "node_modules", "__pycache__", "__MACOSX"}
)
# Beside documents in most folders, and none themselves: they are told, and are no failure.
_NO_DOCUMENTS: Final = frozenset({ParseErrorCode.EMPTY_FILE, ParseErrorCode.UNSUPPORTED_TYPE})
PICTURE: Final = "picture_among_others"
"""The code of the reason to pass over what a source lists as a picture."""


def why_not_folder(name: str) -> str:
    """The code of the reason why nothing below a folder of this name is brought in; "" where it is looked into."""
    if name.startswith("."):
        return "hidden_folder"
    return "machinery" if name in _MACHINERY else ""


def why_not_file(name: str, file: IO[bytes]) -> Invalid | None:
    """The reason to pass over a file; None for one that is to be taken in, or refused with its own reason.

    A name that promises a document is believed here. Otherwise the content decides, and text may be anybody's: the
    settings of a program are no document. Pictures stand beside most documents and are part of them.
    """
    if name.startswith("."):
        return Invalid("hidden_file")
    if may_be_document(name):
        return None
    try:
        media_type = media_type_of_file(file, name)
    except ParseError as error:
        facts = dict(error.facts) | {"filename": name}
        return Invalid(error.code.value, **facts) if error.code in _NO_DOCUMENTS else None
    if media_type in PICTURES:
        return Invalid(PICTURE)
    return Invalid("not_a_document", suffix=suffix_of(name)) if media_type == PLAIN_TEXT else None


def is_passed_over(folders: Iterable[str], name: str) -> bool:
    """By its name, and by those of the folders in which it stands: for what is not looked into before it is fetched."""
    is_hidden = any(map(why_not_folder, folders)) or name.startswith(".")
    return is_hidden or not (may_be_document(name) or is_picture(name))


def is_picture(name: str) -> bool:
    """By its name."""
    return named_type(name) in PICTURES


def may_be_document(name: str) -> bool:
    """Whether the name promises one, or says nothing at all."""
    named = named_type(name)
    return not suffix_of(name) or (named in PARSERS and named not in PICTURES) or is_markup(name)

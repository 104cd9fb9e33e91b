"""A ZIP archive as the files in it: each is brought in as if it had come by itself.

It is opened where it arrives, because only whoever sent it has the rights by which its files become documents, and is
told at once what became of each. It is looked at before anything in it is unpacked; then one file after the other is
unpacked into a file without a name. No name of a member is ever a path.
"""

import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Final

from kbchat.core.errors import Invalid
from kbchat.core.limits import Limit, reached
from kbchat.library.source_paths import why_not_kept
from kbchat.library.uploading import Upload
from kbchat.parsing.characters import on_one_line, visible
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.zip_package import is_suspicious
from kbchat.sources.choosing import why_not_file, why_not_folder

ARCHIVE: Final = ParseErrorCode.ARCHIVE.value
"""The code with which `take_in` refuses an archive: the caller may bring in the files in it."""

_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    OSError,
    RuntimeError,
    NotImplementedError,
    EOFError,
)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
# Signs and halves of kana, a capital behind a small letter, other writing beside Latin letters.
_ODD_IN_NAMES: Final = re.compile(
    r"(?![\x00-\x7f])\W|[²³¹\uff61-\uff9f]|(?<=[a-zà-öø-ÿ])[À-ÖØ-ÞŠŽŒŸ]"
    r"|(?<=[A-Za-z])[^\W\x00-\u024f]|[^\W\x00-\u024f](?=[A-Za-z])"
)
_NAMED_IN_UTF8: Final = 0x800
_OLDEST: Final = "cp437"
_OF_WINDOWS: Final = ("cp850", "cp1252", "cp852", "cp866")
"""In which names are written into archives where one byte is one character, those of more machines first."""
_ENCRYPTED: Final = 0x1
_HEADER_BYTES: Final = 30
"""Of each file, before its name."""
_PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """`max_bytes`: of one file; `most_bytes`: of all together, unpacked."""

    most_files: int
    most_bytes: int
    max_bytes: int


def unpacked(archive: Upload, *, limits: ArchiveLimits) -> Iterator[tuple[str, Upload | Invalid]]:
    """The files of an archive with their paths below it, to be taken in one by one; or the reason
    why one is not brought in.

    Raises Invalid for an archive as a whole: no ZIP, damaged, of too many files, or too large when it is unpacked.
    """
    # Where it begins as one, its members were counted already (`media_type_of_file`); behind something else they were
    # not, and reading them all takes minutes.
    archive.file.seek(0)
    if archive.file.read(2) != b"PK" or not zipfile.is_zipfile(archive.file):
        raise Invalid(ARCHIVE, filename=archive.filename)
    try:
        with zipfile.ZipFile(archive.file) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            _require_reasonable(opened, members, archive.file, limits)
            root = archive.source_path or archive.filename
            for path, member in _chosen(members):
                if isinstance(member, Invalid):
                    yield path, member
                else:
                    yield (
                        path,
                        _arriving(opened, member, f"{root}/{path}", archive, limits.max_bytes),
                    )
    except _BROKEN as error:
        raise Invalid("corrupt", filename=archive.filename) from error


def _require_reasonable(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: IO[bytes], limits: ArchiveLimits
) -> None:
    if len(members) > limits.most_files:
        raise reached(Limit.FILES_IN_ARCHIVE, Invalid("too_many_files_in_archive", most=limits.most_files))
    declared = sum(member.file_size for member in members)
    shares_bytes = sum(member.compress_size + _HEADER_BYTES for member in members) > opened.start_dir
    if declared > limits.most_bytes or shares_bytes or is_suspicious(declared, file.seek(0, os.SEEK_END)):
        raise Invalid("too_large_unpacked", declared_bytes=declared)


def _chosen(members: list[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo | Invalid]]:
    """Folders that are passed over are told once, with the number of their files."""
    passed: Counter[tuple[str, str]] = Counter()
    seen: set[str] = set()
    for name, member in zip(_names(members), members, strict=True):
        parts = _parts(name)
        path = "/".join(parts)
        folder = next((place for place, part in enumerate(parts[:-1]) if why_not_folder(part)), None)
        if folder is not None:
            passed["/".join(parts[: folder + 1]), why_not_folder(parts[folder])] += 1
        elif path in seen:
            yield path, Invalid("same_name")
        else:
            seen.add(path)
            yield path or "?", _refusal(path, member) or member
    for (path, code), files in passed.items():
        yield f"{path}/", Invalid(code, files=files)


def _refusal(path: str, member: zipfile.ZipInfo) -> Invalid | None:
    """What can be said of a member without unpacking it."""
    if not path:
        return Invalid("name_missing")
    if stat.S_ISLNK(member.external_attr >> 16):
        return Invalid("is_a_link")
    if member.flag_bits & _ENCRYPTED:
        return Invalid("password_protected")
    return None if member.compress_type in _PACKINGS else Invalid("packed_otherwise")


def _arriving(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, source_path: str, archive: Upload, max_bytes: int
) -> Upload | Invalid:
    filename = source_path.rpartition("/")[2]
    if member.file_size > max_bytes:
        return reached(Limit.UPLOAD_BYTES, Invalid("too_large", filename=filename, limit_bytes=max_bytes))
    reason = why_not_kept(source_path)
    if reason is not None:
        return reason
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed with its last reference, once it is taken in)
    try:
        with opened.open(member) as packed:
            shutil.copyfileobj(packed, file, _PIECE_BYTES)
    except _BROKEN:
        return Invalid("corrupt", filename=filename)
    return why_not_file(filename, file) or replace(
        archive, filename=filename, file=file, source_path=source_path
    )


def _names(members: list[zipfile.ZipInfo]) -> list[str]:
    """Where the archive does not say that a name is in UTF-8, it is in the encoding of the machine that made it, which
    is the same for all: looked at together, few names are enough."""
    unsaid = [_raw(member) for member in members if not member.flag_bits & _NAMED_IN_UTF8]
    encoding = _encoding_of(b"\n".join(unsaid))
    return [
        member.filename if member.flag_bits & _NAMED_IN_UTF8 else _raw(member).decode(encoding, "replace")
        for member in members
    ]


def _raw(member: zipfile.ZipInfo) -> bytes:
    """The name's bytes, which were read by the format's oldest rule."""
    return member.filename.encode(_OLDEST, "replace")


def _encoding_of(names: bytes) -> str:
    """UTF-8, or the encoding in which they look most like names; of several the first.

    Guessing is made for texts: it knows the languages with many characters, and none of the encodings in which Windows
    writes names in the others.
    """
    if _read(names, "utf-8"):
        return "utf-8"
    try:
        guessed = [decode(names).encoding]
    except ParseError as error:
        guessed = str(error.facts.get("candidates", "")).split(",")
    of_many_characters = [one for one in (*guessed, "cp932") if len(_read(names, one)) < len(names)]
    texts = {one: _read(names, one) for one in (*of_many_characters, *_OF_WINDOWS)}
    odd = {one: len(_ODD_IN_NAMES.findall(text)) for one, text in texts.items() if text}
    return min(odd, key=odd.__getitem__, default=_OLDEST)


def _read(names: bytes, encoding: str) -> str:
    try:
        return names.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return ""


def _parts(name: str) -> list[str]:
    """Folders and name as they can be shown: nothing invisible, and nothing that leads elsewhere."""
    parts = [on_one_line(visible(part)[0]) for part in name.replace("\\", "/").split("/")]
    return [part for part in parts if part not in ("", ".", "..") and not _DRIVE.fullmatch(part)]

"""Office files of the older kinds, brought into their newer form by LibreOffice in a child that becomes it.

The child can read LibreOffice's own files and write into one folder, which is made for this file and removed with all
that is in it; it reaches no network and no process, and no macro runs.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from kbchat.parsing import sniffing
from kbchat.parsing.document import ParsedDocument
from kbchat.parsing.equipment import Converter
from kbchat.parsing.errors import ParseError, ParseErrorCode
from kbchat.parsing.sandbox import SandboxLimits, failure_of, parse_sandboxed, run_child

_READS: Final = (
    "/usr/share",
    "/etc/fonts",
    "/etc/libreoffice",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/dev/urandom",
)
_OPEN_FILES: Final = 512
_STARTS_AGAIN: Final = 81
"""How it ends once it has made its profile."""
_NO_MACROS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel"
 oor:op="fuse"><value>3</value></prop></item>
</oor:items>
"""


def parse_converted(
    data: bytes,
    filename: str,
    *,
    converter: Converter,
    is_encrypted: bool = False,
    limits: SandboxLimits | None = None,
) -> ParsedDocument:
    """As ``parse_sandboxed``, of a file whose parser says OLDER_FORMAT; its media type stays what it was.

    :raises ParseError: as ``parse_sandboxed``, and where LibreOffice makes nothing of it CORRUPT, or PASSWORD_PROTECTED
        of one that ``is_encrypted``.
    """
    limits = limits or SandboxLimits()
    media_type = sniffing.media_type_of(data, filename)
    kind, newer = sniffing.NEWER_FORMS[media_type]
    try:
        converted = convert(data, kind.lower(), newer.lower(), converter, limits)
    except ParseError as error:
        if not is_encrypted or error.code is not ParseErrorCode.CORRUPT:
            raise
        raise ParseError(ParseErrorCode.PASSWORD_PROTECTED) from error
    name = f"{Path(filename).stem}.{newer.lower()}"
    return replace(parse_sandboxed(converted, name, limits=limits), media_type=media_type)


def convert(data: bytes, kind: str, newer: str, converter: Converter, limits: SandboxLimits) -> bytes:
    """What LibreOffice makes of a file of ``kind`` ("doc") in the form ``newer`` ("docx"). Raises ParseError."""
    with tempfile.TemporaryDirectory(prefix="kbchat-office-") as folder, _outcome(Path(folder)) as outcome:
        profile = Path(folder, "profile", "user")
        profile.mkdir(parents=True)
        profile.joinpath("registrymodifications.xcu").write_text(_NO_MACROS, encoding="utf-8")
        Path(folder, f"file.{kind}").write_bytes(data)
        order = {
            "task": "convert",
            "limits": asdict(replace(limits, open_files=_OPEN_FILES)),
            "reads": [*_READS, str(converter.program.parents[1])],
            "writes": folder,
            "program": str(converter.program),
            "kind": kind,
            "newer": newer,
        }
        ending = run_child(order, b"", limits)
        if ending.code == _STARTS_AGAIN:
            ending = run_child(order, b"", limits)
        if ending.code != 0:
            raise failure_of(ending, limits)
        return _written(outcome, f"file.{newer}")


@contextmanager
def _outcome(folder: Path) -> Iterator[int]:
    """The folder for what is made, opened before a stranger's file could put another thing in its place."""
    place = folder / "out"
    place.mkdir()
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _written(folder: int, name: str) -> bytes:
    """Of a plain file, and of no link: whoever took over the child could have left anything there. Its size is bounded
    by the child's limits."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise ParseError(ParseErrorCode.CORRUPT) from error
    told = os.fstat(descriptor)
    if not stat.S_ISREG(told.st_mode) or told.st_nlink > 1:
        os.close(descriptor)
        raise ParseError(ParseErrorCode.CRASHED)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()

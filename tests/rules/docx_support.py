"""Word documents as tests make them."""

import io
import zipfile
from typing import Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsdecls

W = nsdecls("w")
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def repacked(data: bytes, **changes: str) -> bytes:
    """The package with members changed or added; a double underscore in a name stands for the slash."""
    copy = io.BytesIO()
    new = {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in changes.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(copy, "w") as written:
        for name in old.namelist():
            written.writestr(name, new.get(name, old.read(name)))
    return copy.getvalue()


def with_notes(document: Any, **notes: str) -> None:
    """Adds footnotes or endnotes: ``footnotes`` and ``endnotes`` are the XML inside their part."""
    for kind, inside in notes.items():
        content = f'<?xml version="1.0"?><w:{kind} {W}>{inside}</w:{kind}>'.encode()
        uri = PackURI(f"/word/{kind}.xml")
        made = Part(
            uri, f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml", content
        )
        document.part.relate_to(made, f"{RELATIONSHIP}/{kind}")

"""Word documents as tests make them."""

import io
import zipfile
from typing import Any

from docx.oxml.ns import nsdecls

W = nsdecls("w")


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

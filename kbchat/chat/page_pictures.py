"""Pages of a picture that browsers do not show (TIFF), drawn by a parsing child when they are looked at."""

import threading
from typing import Final
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.chat.auditing import record_opened
from kbchat.chat.sources import access_open_version
from kbchat.core.errors import Busy, NotFound, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.documents.storage import read_blob
from kbchat.parsing.errors import ParseError
from kbchat.parsing.sandbox import SandboxLimits, draw_sandboxed
from kbchat.parsing.sniffing import TIFF
from kbchat.parsing.tesseract_library import installed

_AT_ONCE: Final = 2
"""In each process: a page of a large scan takes a second of a processor and some hundred megabytes."""
_PATIENCE_SECONDS: Final = 20.0
_drawing = threading.BoundedSemaphore(_AT_ONCE)


def page_picture(viewer: Viewer, version_id: UUID, page: int, limits: SandboxLimits) -> bytes:
    """Page ``page`` (1-based) of a version that is open to him as a whole, as a PNG. Raises NotFound, also for formats
    that browsers show; Busy; and Unavailable where it cannot be drawn."""
    with viewing(viewer):
        version = access_open_version(viewer, version_id)
        if version.media_type != TIFF or not 1 <= page <= (version.pages or 0):
            raise NotFound
        record_opened(viewer, version.document_id, version_id, "file")
    engine = installed()
    if engine is None:
        raise Unavailable("page_not_drawn")
    if not _drawing.acquire(timeout=_PATIENCE_SECONDS):
        raise Busy
    try:
        return draw_sandboxed(read_blob(version.blob), page, engine=engine, limits=limits)
    except FileNotFoundError as error:
        raise Unavailable("blob_missing") from error
    except ParseError as error:
        raise Unavailable("page_not_drawn") from error
    finally:
        _drawing.release()

"""A library that is filled for measuring, by the real importer and real workers."""

import html
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person
from kbchat.cli.importing import collection_to_fill, send_files
from kbchat.cli.own_workers import workers_for_a_while
from kbchat.cli.telling import told_error
from kbchat.cli.waiting import wait_until_done
from kbchat.core.viewer import Viewer
from kbchat.embedded.errors import EmbeddedError
from kbchat.library.documents import list_documents
from kbchat.sources.folder_files import FolderFile

_EMAIL = "measuring@example.com"


@dataclass(frozen=True, slots=True)
class Page:
    """A document as it is sent in: a heading and its text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Ingestion:
    """From the first page that was sent in until the last was searchable; the workers' start is in it."""

    documents: int
    passages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ScratchLibrary:
    """`pages`: place of the page in what was sent, by document id. `ingestion` None: it had been filled before."""

    viewer: Viewer
    collection_id: UUID
    pages: dict[UUID, int]
    ingestion: Ingestion | None


def fill(
    name: str,
    pages: Sequence[Page],
    *,
    sent_one: Callable[[], object],
    told: Callable[[int], object],
) -> ScratchLibrary:
    """A collection of this name with these pages. `sent_one` hears of each page that was sent in, `told` how many are
    searchable. Raises KbchatError, and EmbeddedError where a worker ends or a page does not become searchable."""
    environment = composition.environment()
    viewer = viewer_of(_person())
    collection_id, _ = collection_to_fill(viewer, name)
    with tempfile.TemporaryDirectory() as folder, workers_for_a_while(environment) as workers:
        files = [_file(Path(folder), number, page) for number, page in enumerate(pages)]
        started = time.monotonic()
        sent = send_files(viewer, collection_id, files, archives=composition.archive_limits(), step=sent_one)
        result = wait_until_done(
            viewer,
            sent.paths,
            told=told,
            look_after=workers.require_alive if workers else lambda: None,
        )
        seconds = time.monotonic() - started
    refused = {path: told_error(error) for path, error in sent.refused.items()}
    unsearchable = refused | result.failed | dict.fromkeys(result.lost, "lost")
    if unsearchable:
        raise EmbeddedError(
            f"{len(unsearchable)} of {len(files)} documents did not become searchable.",
            next_step=f"The first reason: {next(iter(unsearchable.values()))}",
        )
    passages = sum(row.passages for row in list_documents(viewer, collection_id))
    return ScratchLibrary(
        viewer,
        collection_id,
        {document: int(Path(path).stem) for document, path in sent.paths.items()},
        Ingestion(len(files), passages, seconds) if sent.new else None,
    )


def page_as_html(page: Page) -> str:
    """HTML, which any text goes through unchanged."""
    title, text = html.escape(page.title), html.escape(page.text)
    return f"<!doctype html><meta charset=utf-8><h1>{title}</h1><p>{text}</p>"


def _file(folder: Path, number: int, page: Page) -> FolderFile:
    path = folder / f"{number}.html"
    path.write_text(page_as_html(page), encoding="utf-8")
    return FolderFile(path, path.name)


def _person() -> User:
    """An administrator, who makes the collections and reads what he made."""
    found = User.objects.filter(email=_EMAIL).first()
    return found or create_person(
        email=_EMAIL, name="Measuring", password=secrets.token_urlsafe(24), is_administrator=True
    )

"""A folder into a collection: every file sent in, then waited for until it is ready or has failed.

Importing again finds a document by the place it came from: the same bytes change nothing, other bytes become a new
version, and what failed is tried again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.cli.folder_files import FolderFile
from kbchat.cli.telling import told, told_error
from kbchat.core.errors import Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import MOST_PATH_CHARACTERS
from kbchat.library.collections import collection_named, create_collection
from kbchat.library.documents import DocumentRow, document_row, list_documents, retry_document
from kbchat.library.sharing import give_grant, list_grants
from kbchat.library.uploading import Upload, find_document_at, replace, upload

_POLL_SECONDS = 0.5


@dataclass(slots=True)
class Sent:
    """What became of the files on arrival; `paths` tells by document which file it was."""

    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    paths: dict[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """File names by how they ended; `failed` with the reason, as a sentence."""

    ready: list[str]
    without_passages: list[str]
    failed: dict[str, str]
    lost: list[str]


def collection_to_fill(viewer: Viewer, name: str) -> tuple[UUID, bool]:
    """The collection of this name, and whether it was made now. Raises NotAllowed, Invalid."""
    try:
        return collection_named(viewer, name), False
    except NotFound:
        return create_collection(viewer, name=name).id, True


def let_read(viewer: Viewer, collection_id: UUID, group_id: UUID) -> None:
    """A group that has a role keeps it. Raises NotFound or NotAllowed."""
    if all(grant.principal.id != group_id for grant in list_grants(viewer, collection_id)):
        give_grant(viewer, collection_id, Principal("group", group_id), Role.READER)


def send_files(
    viewer: Viewer,
    collection_id: UUID,
    files: Iterable[FolderFile],
    *,
    max_bytes: int,
    step: Callable[[], object],
) -> Sent:
    """`step` is called after each file."""
    sent = Sent()
    for file in files:
        try:
            _send_file(viewer, collection_id, file, max_bytes, sent)
        except Invalid as error:
            sent.refused[file.source_path] = told_error(error, viewer.language)
        except OSError as error:
            sent.refused[file.source_path] = f"cannot be read ({error.strerror})"
        step()
    return sent


def wait_until_done(
    viewer: Viewer,
    collection_id: UUID,
    sent: Sent,
    *,
    told: Callable[[int], object],
    look_after: Callable[[], None],
) -> Result:
    """`told` hears how many are done; `look_after` is called while waiting and may raise."""
    while True:
        rows = {row.id: row for row in list_documents(viewer, collection_id) if row.id in sent.paths}
        done = [row for row in rows.values() if row.state in ("ready", "failed")]
        told(len(done))
        if len(done) == len(rows):
            return _result(rows, sent, viewer.language)
        look_after()
        time.sleep(_POLL_SECONDS)


def _send_file(viewer: Viewer, collection_id: UUID, file: FolderFile, max_bytes: int, sent: Sent) -> None:
    _require_keepable(file.source_path)
    document_id = find_document_at(viewer, collection_id, file.source_path)
    with Path(file.path).open("rb") as opened:
        arriving = Upload(file.path.name, opened, source_path=file.source_path)
        if document_id is None:
            row = upload(viewer, collection_id, arriving, max_bytes=max_bytes)
            sent.new += 1
        else:
            row = _send_again(viewer, document_id, arriving, max_bytes, sent)
    sent.paths[row.id] = file.source_path


def _require_keepable(source_path: str) -> None:
    """Raises Invalid for a path that the database cannot hold."""
    try:
        source_path.encode()
    except UnicodeEncodeError as error:
        raise Invalid("name_not_utf8") from error
    if len(source_path) > MOST_PATH_CHARACTERS:
        raise Invalid("path_too_long", most=MOST_PATH_CHARACTERS)


def _send_again(
    viewer: Viewer, document_id: UUID, arriving: Upload, max_bytes: int, sent: Sent
) -> DocumentRow:
    try:
        row = replace(viewer, document_id, arriving, max_bytes=max_bytes)
    except Invalid as error:
        if error.code != "same_as_current":
            raise
        sent.unchanged += 1
        row = document_row(viewer, document_id)
        return retry_document(viewer, document_id) if row.state == "failed" else row
    sent.replaced += 1
    return row


def _result(rows: dict[UUID, DocumentRow], sent: Sent, language: str) -> Result:
    result = Result([], [], {}, [])
    for document_id, path in sorted(sent.paths.items(), key=lambda item: item[1]):
        row = rows.get(document_id)
        if row is None:
            result.lost.append(path)
        elif row.state == "failed":
            result.failed[path] = told(row.problem_code, row.problem_facts, language)
        elif row.passages == 0:
            result.without_passages.append(path)
        else:
            result.ready.append(path)
    return result

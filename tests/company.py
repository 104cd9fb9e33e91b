"""People, groups and collections for tests, made through the product's own services."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import create_person, ensure_group
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders, only
from kbchat.indexing.generations import ensure_active_generation
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.library import parsing_runs
from kbchat.library.archives import ArchiveLimits
from kbchat.library.collections import CollectionRow, create_collection
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.ingesting import index_run, parse_run
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import Upload, upload
from kbchat.parsing import ParsedDocument, parse
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.retention.models import CollectionRule
from tests.servers import as_worker

MAX_BYTES = 10_000_000
ARCHIVES = ArchiveLimits(most_files=50, most_bytes=4 * MAX_BYTES, max_bytes=MAX_BYTES)
PAGE = (
    "# Leave\n\nEverybody has 28 days of annual leave.\n\n## Carry-over\n\nFive days may be carried over.\n"
)


@dataclass(frozen=True)
class Company:
    """`admin` owns `handbook` and `salaries`; `reader` (in `staff`) reads the handbook; `stranger` reads nothing."""

    admin: Viewer
    editor: Viewer
    reader: Viewer
    stranger: Viewer
    staff: Group
    handbook: CollectionRow
    salaries: CollectionRow


def found_company() -> Company:
    admin = viewer_of(person("admin@example.com", is_administrator=True))
    editor, reader, stranger = (person(f"{name}@example.com") for name in ("editor", "reader", "stranger"))
    staff = ensure_group("Staff", [reader])
    handbook = create_collection(admin, name="Handbook")
    salaries = create_collection(admin, name="Salaries")
    with viewing(admin):
        # What is deleted is purged at once: few tests are about the days before.
        for each in (handbook, salaries):
            CollectionRule.objects.create(collection_id=each.id, removed_days=0)
    give_grant(admin, handbook.id, Principal("group", staff.pk), Role.READER)
    give_grant(admin, handbook.id, Principal("user", editor.pk), Role.EDITOR)
    return Company(
        admin, viewer_of(editor), viewer_of(reader), viewer_of(stranger), staff, handbook, salaries
    )


def person(email: str, *, language: str = "en", is_administrator: bool = False) -> User:
    name = email.partition("@")[0].title()
    return create_person(
        email=email, name=name, password="secret", language=language, is_administrator=is_administrator
    )


def markdown(text: str, name: str = "page.md", *, source_path: str = "") -> Upload:
    return Upload(name, io.BytesIO(text.encode()), source_path=source_path)


def add(viewer: Viewer, collection: CollectionRow, text: str, name: str = "page.md") -> DocumentRow:
    """Upload a Markdown page and bring it to its end, in this process."""
    row = upload(viewer, collection.id, markdown(text, name), max_bytes=MAX_BYTES)
    ingest()
    return document_row(viewer, row.id)


def ingest(encoders: Encoders | None = None) -> None:
    """Work on every waiting run as the workers would."""
    encoders = encoders or only(HashEmbedder())
    with as_worker(), parsed_here():
        source = encoders.configured_source.as_stored()
        ensure_active_generation(encoders.configured.identity, CHUNKING_POLICY, source)
        for run in IngestionRun.objects.filter(state=RunState.QUEUED).order_by("created_at"):
            parse_run(run.pk, encoders=encoders, limits=SandboxLimits())
            index_run(run.pk, encoders=encoders)


@contextmanager
def parsed_here() -> Iterator[None]:
    """Inside, files are parsed in this process: a child for each takes a quarter of a second. The sandbox has tests of
    its own, and the tests of workers go through it."""

    def parsed(data: bytes, filename: str, *, encoding: str | None = None, **_: object) -> ParsedDocument:
        return parse(data, filename, encoding=encoding)

    with mock.patch.object(parsing_runs, "parse_sandboxed", parsed):
        yield

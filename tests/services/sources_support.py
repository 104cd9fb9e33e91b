"""A source of the handbook's, read in this process as a worker would read it."""

from dataclasses import replace
from pathlib import Path

from kbchat.documents.models import Document
from kbchat.library.documents import list_documents
from kbchat.library.models import SourceRun, SourceTrial
from kbchat.library.sources.keeping import (
    SourceWish,
    keep_source,
    list_source_runs,
    list_sources,
    start_source,
)
from kbchat.library.sources.rows import SourceRow
from kbchat.library.sources.running import run_source
from kbchat.library.sources.trying import look
from kbchat.sources.port import Surroundings
from tests.company import Company, ingest
from tests.servers import as_worker


def surroundings_of(root: Path, **more: object) -> Surroundings:
    return replace(Surroundings(roots=(root,)), **more)  # type: ignore[arg-type]


def write(folder: Path, **pages: str) -> None:
    """Markdown pages by name; a double underscore stands for a folder."""
    for name, text in pages.items():
        path = folder / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {path.stem}\n\n{text}\n")


def watched(company: Company, folder: Path, kind: str = "folder", **place: str) -> SourceRow:
    where = place or {"folder": str(folder)}
    wish = SourceWish(kind, f"Files of {folder.name}", where)
    return keep_source(company.admin, company.handbook.id, wish, surroundings_of(folder))


def work(surroundings: Surroundings) -> None:
    """Whatever waits, as workers would."""
    with as_worker():
        for run in SourceRun.objects.filter(state="queued").order_by("created_at"):
            run_source(run.pk, surroundings)


def look_at_trials(surroundings: Surroundings) -> None:
    """Those that wait, as a worker would."""
    with as_worker():
        for trial in SourceTrial.objects.filter(state="queued"):
            look(trial.pk, surroundings)


def read(
    company: Company, source: SourceRow, surroundings: Surroundings, *, approving: bool = False
) -> SourceRun:
    """Started now, and brought to its end with everything that it took in."""
    lets_go = list_sources(company.admin)[0].held_in if approving else None
    start_source(company.admin, source.id, lets_go=lets_go)
    work(surroundings)
    ingest()
    return list_source_runs(company.admin, source.id)[0]


def titles(company: Company) -> list[str]:
    return [row.title for row in list_documents(company.reader, company.handbook.id)]


def counted(run: SourceRun) -> dict[str, int]:
    """What is not 0."""
    names = ("new", "changed", "unchanged", "refused", "left_out", "removed", "held")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def documents_in(company: Company) -> int:
    with as_worker():
        return Document.objects.filter(collection=company.handbook.id, deleted_at=None).count()

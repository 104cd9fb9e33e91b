"""Pictures that lie in sources: read like those that somebody uploads where text is recognised in pictures, and told
where it is not. Whether it is changes nothing of what was taken in before."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from kbchat.composition import surroundings_of_sources
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import IngestionRun, Step
from kbchat.library.documents import list_documents
from kbchat.library.ingesting import index_run, parse_run, recognise_run
from kbchat.library.models import SourceRun
from kbchat.library.sources.keeping import SourceWish, keep_source, list_source_runs, start_source
from kbchat.library.sources.rows import SourceRow
from kbchat.library.sources.troubles import list_troubles
from kbchat.parsing import tesseract_library
from kbchat.parsing.equipment import Equipment
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.parsing.tesseract_library import Recogniser
from kbchat.sources.git import GitSource
from kbchat.sources.port import Surroundings
from tests.company import Company
from tests.contracts.source_holders import FolderHolder, GitHolder, Holder
from tests.recognition import CHINESE, ENGLISH, as_file, scan
from tests.servers import as_worker
from tests.services.sources_support import counted, documents_in, titles, work

pytestmark = pytest.mark.django_db

PAGES: Mapping[str, bytes] = {f"page{number}.md": f"# page{number}\n\nWords.".encode() for number in range(3)}
ENCODERS = only(HashEmbedder())


@pytest.fixture(params=[FolderHolder, GitHolder], ids=["folder", "git"])
def holder(request: pytest.FixtureRequest, tmp_path: Path) -> Holder:
    """Three pages and a picture."""
    made: Holder = request.param(tmp_path)
    for path, content in PAGES.items():
        made.put(path, content)
    made.put("scans/rule.png", as_file("PNG", scan(*ENGLISH)))
    return made


@pytest.fixture
def source(company: Company, holder: Holder) -> SourceRow:
    return keep_source(
        company.admin,
        company.handbook.id,
        SourceWish(holder.kind, "Files", holder.place),
        holder.surroundings,
    )


def read(
    company: Company, source: SourceRow, surroundings: Surroundings, recogniser: Recogniser | None
) -> SourceRun:
    """Started now, by workers that have Tesseract or have not, and brought to its end with what it took in."""
    start_source(company.admin, source.id)
    work(replace(surroundings, reads_pictures=recogniser is not None))
    with as_worker():
        while run := IngestionRun.objects.filter(state="queued").first():
            work_on(run, recogniser)
    return list_source_runs(company.admin, source.id)[0]


def work_on(run: IngestionRun, recogniser: Recogniser | None) -> None:
    limits = SandboxLimits()
    if run.step == Step.RECOGNISING:
        recognise_run(run.pk, encoders=ENCODERS, limits=limits, equipment=Equipment(recogniser))
    elif run.step == Step.EMBEDDING:
        index_run(run.pk, encoders=ENCODERS)
    else:
        parse_run(run.pk, encoders=ENCODERS, limits=limits, equipment=Equipment(recogniser))


def told(run: SourceRun) -> tuple[dict[str, int], int, int | None]:
    assert run.state == "succeeded"
    return counted(run), run.passed_over, run.unread_pictures


def test_it_is_read_once_text_is_recognised_and_stays_when_it_is_not_any_more(
    company: Company, holder: Holder, source: SourceRow, recogniser: Recogniser
) -> None:
    reach = holder.surroundings
    assert told(read(company, source, reach, None)) == ({"new": 3}, 1, 1)
    # Told by each run, also by one that has found nothing new.
    assert told(read(company, source, reach, None))[2] == 1
    assert list_troubles(company.admin, source.id) == []

    # Nothing has changed in it since: the same commit brings what was passed over.
    assert told(read(company, source, reach, recogniser)) == ({"new": 1, "unchanged": 3}, 0, 0)
    assert len(titles(company)) == documents_in(company) == 4
    (picture,) = [row for row in list_documents(company.admin, company.handbook.id) if row.pages]
    assert (picture.filename, picture.state, picture.passages) == ("rule.png", "ready", 1)

    # Tesseract is gone, and something else has changed.
    holder.put("page1.md", b"# page1\n\nOther words.")
    holder.put("another.png", as_file("PNG", scan(*CHINESE)))
    assert told(read(company, source, reach, None)) == ({"changed": 1, "unchanged": 3}, 1, 1)
    assert documents_in(company) == 4

    # And gone for good from the source: one of four is more than a fifth, which an owner is asked about.
    holder.remove("scans/rule.png")
    assert told(read(company, source, reach, None)) == ({"unchanged": 3, "held": 1}, 1, 1)


def test_another_picture_in_its_place_that_nobody_reads_is_told_and_the_former_text_stays(
    company: Company, holder: Holder, source: SourceRow, recogniser: Recogniser
) -> None:
    """As with an upload."""
    read(company, source, holder.surroundings, recogniser)
    holder.put("scans/rule.png", as_file("PNG", scan(*CHINESE)))
    assert told(read(company, source, holder.surroundings, None))[0] == {"changed": 1, "unchanged": 3}
    (trouble,) = list_troubles(company.admin, source.id)
    assert (trouble.path, trouble.kind, trouble.problem_code) == ("scans/rule.png", "failed", "picture")
    (picture,) = [row for row in list_documents(company.reader, company.handbook.id) if row.pages]
    assert (picture.state, picture.version_number) == ("ready", 1)


@pytest.mark.parametrize("holder", [GitHolder], ids=["git"], indirect=True)
def test_a_repository_that_was_read_before_anybody_counted_is_listed_once_more(
    company: Company, holder: Holder, source: SourceRow, recogniser: Recogniser
) -> None:
    read(company, source, holder.surroundings, None)
    with as_worker():
        SourceRun.objects.update(unread_pictures=None)
    assert told(read(company, source, holder.surroundings, recogniser))[0] == {"new": 1, "unchanged": 3}
    with nothing_fetched():
        assert told(read(company, source, holder.surroundings, recogniser))[0] == {"unchanged": 4}


@contextmanager
def nothing_fetched() -> Iterator[None]:
    """A repository that is at the same commit is not fetched for that."""
    with mock.patch.object(GitSource, "_listed", side_effect=AssertionError("it was listed")):
        yield


def test_a_worker_says_whether_it_has_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("kbchat.parsing.equipment.installed", lambda: None)
    assert not surroundings_of_sources().reads_pictures
    languages = frozenset({"eng", "chi_sim"})
    there = tesseract_library.Installed("libtesseract.so.5", (), tmp_path, languages)
    monkeypatch.setattr("kbchat.parsing.equipment.installed", lambda: there)
    assert surroundings_of_sources().reads_pictures

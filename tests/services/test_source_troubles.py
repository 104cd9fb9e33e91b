"""What stands in a source's way is told item by item, and tried again where somebody asks for it or it may help."""

import os
import re
from collections import Counter
from pathlib import Path
from typing import IO, Any

import pytest
from django.utils import timezone

from kbchat.access.models import Grant
from kbchat.core.errors import Conflict, Invalid, Unavailable
from kbchat.ingestion.models import IngestionRun
from kbchat.library.deleting import delete_document
from kbchat.library.documents import list_documents
from kbchat.library.moving import move_document
from kbchat.library.purging import purge_deleted
from kbchat.library.sources.keeping import list_source_runs, start_source
from kbchat.library.sources.troubles import list_troubles, retry_items
from kbchat.sources.folder import FolderSource
from kbchat.sources.git import GitSource
from kbchat.sources.port import Fetched, Item
from tests.company import Company, ingest
from tests.rules.sources_support import commit, repository_at
from tests.servers import as_worker
from tests.services.sources_support import counted, read, surroundings_of, titles, watched, work, write

pytestmark = pytest.mark.django_db

FAR = "/".join("".join(chr(0x4E00 + 83 * place + at) for at in range(80)) for place in range(11)) + "/a.md"
"""A path of few enough characters and too many bytes."""


def test_the_same_reasons_as_an_upload_and_a_second_try_for_one_of_them(
    company: Company, pages: Path
) -> None:
    (pages / "empty.md").write_text("")
    (pages / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind")
    source, reach = watched(company, pages), surroundings_of(pages, most_bytes=2000)
    (pages / "large.md").write_text("x" * 2001)
    assert counted(read(company, source, reach)) == {"new": 11, "refused": 2}
    told = {row.path: (row.kind, row.problem_code) for row in list_troubles(company.admin, source.id)}
    assert told == {
        "broken.pdf": ("failed", "corrupt"),
        "empty.md": ("refused", "empty_file"),
        "large.md": ("refused", "too_large"),
    }
    # What cannot be otherwise is not fetched again, and still told.
    assert counted(read(company, source, reach)) == {"unchanged": 11, "refused": 2}
    (large,) = [row.item for row in list_troubles(company.admin, source.id) if row.path == "large.md"]
    assert retry_items(company.admin, source.id, [large]) == 1
    work(surroundings_of(pages))
    assert counted(list_source_runs(company.admin, source.id)[0]) == {
        "new": 1,
        "unchanged": 11,
        "refused": 1,
    }
    assert retry_items(company.admin, source.id) == 2
    with pytest.raises(Conflict, match="source_is_running"):
        retry_items(company.admin, source.id)


@pytest.mark.parametrize(
    ("place", "told", "code"),
    [
        (f"{'d' * 200}/" * 5 + "far.md", r"d{100}….{8}…d{93}/far\.md", "path_too_long"),
        (FAR, f"{FAR[:100]}….{{8}}…{FAR[-100:]}", "path_too_many_bytes"),
    ],
)
def test_what_cannot_be_kept_under_its_name_is_told_once_and_stops_nothing(
    company: Company, pages: Path, place: str, told: str, code: str
) -> None:
    (pages / place).parent.mkdir(parents=True, exist_ok=True)
    (pages / place).write_text("# Travel\n")
    source, reach = watched(company, pages), surroundings_of(pages)
    for expected in ({"new": 10, "refused": 1}, {"unchanged": 10, "refused": 1}):
        run = read(company, source, reach)
        assert (run.state, counted(run)) == ("succeeded", expected)
        (row,) = list_troubles(company.admin, source.id)
        assert (row.kind, row.problem_code) == ("refused", code)
        assert re.fullmatch(told, row.path)
    (pages / place).rename(pages / "travel.md")
    assert counted(read(company, source, reach)) == {"new": 1, "unchanged": 10}
    assert list_troubles(company.admin, source.id) == []


class TestASourceThatDoesNotAnswer:
    def test_a_run_ends_where_nothing_is_answered_any_more(
        self, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each item would be waited for."""
        write(tmp_path, **{f"page{number}": "Words." for number in range(60)})
        source, reach = watched(company, tmp_path), surroundings_of(tmp_path)
        fetch, asked = FolderSource.fetch, Counter[str]()

        def answering_at_first(self: FolderSource, item: Item, *about: Any) -> Fetched | None:
            asked[item.path] += 1
            if 10 < asked.total() <= 29 or asked.total() > 30:
                raise Unavailable("source_unreachable")
            return fetch(self, item, *about)

        with monkeypatch.context() as patch:
            patch.setattr(FolderSource, "fetch", answering_at_first)
            run = read(company, source, reach)
        assert (run.state, run.problem) == ("failed", "source_unreachable")
        assert counted(run) == {"new": 11, "refused": 38}
        assert asked.total() == 50
        assert counted(read(company, source, reach)) == {"new": 49, "unchanged": 11}

    def test_what_spares_fetching_again_is_remembered_meanwhile(
        self, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, page="Words.")
        source, reach = watched(company, tmp_path), surroundings_of(tmp_path)
        answers: list[str | None] = ['"1"', None, '"2"']
        shown: list[str] = []

        def fetch(self: FolderSource, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
            shown.append(validator)
            answer = answers.pop(0)
            if answer is None:
                raise Unavailable("source_unreachable")
            into.write(b"# Page\n")
            return Fetched("page.md", answer)

        monkeypatch.setattr(FolderSource, "fetch", fetch)
        for moment in range(3):
            os.utime(tmp_path / "page.md", (moment, moment))
            read(company, source, reach)
        assert shown == ["", '"1"', '"1"']


class TestTryingAgain:
    def test_many_that_could_not_be_read_are_tried_again_at_once(
        self, company: Company, tmp_path: Path, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(40):
            (tmp_path / f"broken{number}.pdf").write_bytes(b"%PDF-1.7\n" + str(number).encode())
        source, reach = watched(company, tmp_path), surroundings_of(tmp_path)
        assert counted(read(company, source, reach)) == {"new": 40}
        moved = list_troubles(company.admin, source.id)[0]
        assert moved.document_id is not None
        move_document(company.admin, moved.document_id, company.salaries.id)
        Grant.objects.filter(collection=company.salaries.id).delete()
        with django_assert_max_num_queries(40):
            assert retry_items(company.admin, source.id) == 39
        with as_worker():
            assert IngestionRun.objects.filter(state="queued").count() == 39
        ingest()
        told = list_troubles(company.admin, source.id)
        assert Counter((row.kind, row.problem_code) for row in told) == {("failed", "corrupt"): 39}

    @pytest.mark.parametrize("ended", [("rejected", "malware_found"), ("cancelled", "run_cancelled")])
    def test_what_was_rejected_or_cancelled_is_tried_again_only_where_somebody_asks_for_it(
        self, company: Company, tmp_path: Path, ended: tuple[str, str]
    ) -> None:
        state, problem = ended
        write(tmp_path, page="Words.")
        source, reach = watched(company, tmp_path), surroundings_of(tmp_path)
        start_source(company.admin, source.id)
        work(reach)
        with as_worker():
            IngestionRun.objects.update(state=state, problem=problem, finished_at=timezone.now())
        (told,) = list_troubles(company.admin, source.id)
        assert (told.kind, told.problem_code) == ("failed", problem)
        with pytest.raises(Invalid, match="nothing_to_retry"):
            retry_items(company.admin, source.id)
        assert retry_items(company.admin, source.id, [told.item]) == 1
        with as_worker():
            assert IngestionRun.objects.filter(state="queued").count() == 1

    def test_what_was_refused_is_fetched_also_where_what_was_there_before_could_not_be_read(
        self, company: Company, tmp_path: Path
    ) -> None:
        page = tmp_path / "page.pdf"
        page.write_bytes(b"%PDF-1.7\nnothing of the kind")
        source, reach = watched(company, tmp_path), surroundings_of(tmp_path)
        read(company, source, reach)
        page.write_bytes(b"")
        read(company, source, reach)
        (told,) = list_troubles(company.admin, source.id)
        assert (told.kind, told.problem_code) == ("refused", "empty_file")
        page.write_text("Words, whatever it is called.")
        assert retry_items(company.admin, source.id) == 1
        work(reach)
        assert counted(list_source_runs(company.admin, source.id)[0]) == {"changed": 1}


class TestWithARevision:
    """A Git repository, of which one name says whether anything has changed."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        folder = repository_at(tmp_path / "repository")
        write(folder, **{f"page{number}": "Words." for number in range(5)})
        commit(folder)
        return folder

    def test_what_was_deleted_here_is_fetched_again_although_nothing_has_changed(
        self, company: Company, repository: Path
    ) -> None:
        source, reach = watched(company, repository, "git", url=str(repository)), surroundings_of(repository)
        assert counted(read(company, source, reach)) == {"new": 5}
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        delete_document(company.admin, rows["page0"])
        with as_worker():
            assert purge_deleted() == 1
        assert counted(read(company, source, reach)) == {"unchanged": 4, "left_out": 1}
        (left_out,) = list_troubles(company.admin, source.id)
        assert retry_items(company.admin, source.id, [left_out.item]) == 1
        work(reach)
        assert counted(list_source_runs(company.admin, source.id)[0]) == {"new": 1, "unchanged": 4}
        assert "page0" in titles(company)
        assert list_troubles(company.admin, source.id) == []

    def test_what_is_refused_for_good_makes_nobody_fetch_the_rest_again(
        self, company: Company, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (repository / "empty.md").write_text("")
        commit(repository)
        source, reach = watched(company, repository, "git", url=str(repository)), surroundings_of(repository)
        assert counted(read(company, source, reach)) == {"new": 5, "refused": 1}
        asked: list[str] = []
        ask = GitSource._git

        def watching(self: GitSource, *arguments: str, **named: float) -> bytes:
            asked.append(arguments[0])
            return ask(self, *arguments, **named)

        monkeypatch.setattr(GitSource, "_git", watching)
        run = read(company, source, reach)
        assert (counted(run), run.total, run.done) == ({"unchanged": 5, "refused": 1}, 6, 6)
        assert "fetch" not in asked
        # One try more of it makes everything be listed.
        assert retry_items(company.admin, source.id) == 1
        work(reach)
        assert counted(list_source_runs(company.admin, source.id)[0]) == {"unchanged": 5, "refused": 1}
        assert "fetch" in asked

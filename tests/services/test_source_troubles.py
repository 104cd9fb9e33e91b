"""What stands in a source's way is told item by item, and tried again where somebody asks for it or it may help."""

from pathlib import Path

import pytest

from kbchat.library.documents import delete_document, list_documents
from kbchat.library.purging import purge_deleted
from kbchat.library.sources.keeping import list_source_runs
from kbchat.library.sources.troubles import list_troubles, retry_items
from kbchat.sources.git import GitSource
from tests.company import Company
from tests.rules.sources_support import commit, repository_at
from tests.servers import as_worker
from tests.services.sources_support import counted, read, surroundings_of, titles, watched, work, write

pytestmark = pytest.mark.django_db


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

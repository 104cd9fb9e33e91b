"""What is gone from a source: removed where it is little, held where it is much, and let go by whoever was shown it."""

import os
from pathlib import Path

import pytest

from kbchat.core.errors import Conflict, Invalid
from kbchat.library.sources.keeping import (
    list_sources,
    start_source,
)
from kbchat.library.sources.troubles import list_troubles
from tests.company import Company
from tests.services.sources_support import (
    counted,
    documents_in,
    read,
    surroundings_of,
    titles,
    watched,
    work,
    write,
)

pytestmark = pytest.mark.django_db


def test_many_at_once_are_held_and_go_when_somebody_says_so(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    for number in range(3):
        (pages / f"page{number}.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 7, "held": 3}
    assert documents_in(company) == 10
    assert [row.kind for row in list_troubles(company.admin, source.id)] == ["held"] * 3
    assert list_sources(company.admin)[0].held == 3
    # One of them is back, and another has gone since: alone, that one needs nobody's word.
    write(pages, page0="Words.")
    (pages / "page9.md").unlink()
    run = read(company, source, reach, approving=True)
    assert counted(run) == {"unchanged": 7, "removed": 3}
    assert "page0" in titles(company)
    assert list_sources(company.admin)[0].held_in is None
    with pytest.raises(Invalid, match="source_holds_nothing"):
        start_source(company.admin, source.id, lets_go=run.id)


def test_what_is_let_go_is_what_was_held(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    for number in range(3):
        (pages / f"page{number}.md").unlink()
    read(company, source, reach)
    for number in range(3, 10):
        (pages / f"page{number}.md").unlink()
    assert counted(read(company, source, reach, approving=True)) == {"removed": 3, "held": 7}
    assert documents_in(company) == 7


def test_while_some_are_held_no_run_removes_any_unasked(company: Company, pages: Path) -> None:
    """Also where so many are back that the rest is few."""
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    for number in range(3):
        (pages / f"page{number}.md").unlink()
    read(company, source, reach)
    write(pages, page0="Words.")
    assert counted(read(company, source, reach)) == {"unchanged": 8, "held": 2}
    (pages / "page9.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 7, "held": 3}
    assert documents_in(company) == 10
    assert counted(read(company, source, reach, approving=True)) == {"unchanged": 7, "removed": 3}


def test_nobody_lets_go_what_he_was_not_shown(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    for number in range(3):
        (pages / f"page{number}.md").unlink()
    read(company, source, reach)
    shown = list_sources(company.admin)[0]
    for number in range(3, 9):
        (pages / f"page{number}.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 1, "held": 9}
    with pytest.raises(Conflict, match="source_holds_something_else"):
        start_source(company.admin, source.id, lets_go=shown.held_in)
    work(reach)
    assert documents_in(company) == 10


def test_an_emptied_folder_removes_nothing(company: Company, pages: Path) -> None:
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    for file in pages.iterdir():
        file.unlink()
    assert counted(read(company, source, reach)) == {"held": 10}
    pages.rmdir()
    gone = read(company, source, reach)
    assert (gone.state, gone.problem) == ("failed", "source_folder_missing")
    assert documents_in(company) == 10


def test_a_listing_that_lacks_a_part_removes_nothing(
    company: Company, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(pages, closed__inner="Words.")
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    scanned = os.scandir

    def refusing(path: object) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "no", str(path))
        return scanned(path)  # type: ignore[call-overload]

    (pages / "page0.md").unlink()
    monkeypatch.setattr(os, "scandir", refusing)
    run = read(company, source, reach)
    assert (counted(run), run.is_complete) == ({"unchanged": 9}, False)
    monkeypatch.undo()
    assert counted(read(company, source, reach)) == {"unchanged": 10, "removed": 1}

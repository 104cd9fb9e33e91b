"""What the audit trail has of readers that a source has named: one event a run, whatever becomes of the run."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from kbchat.audit.models import AuditAction
from kbchat.core.viewer import Viewer
from kbchat.library.models import SourceRun
from kbchat.library.sources import runs
from kbchat.library.sources.keeping import cancel_source, remove_source, start_source
from kbchat.library.sources.permitting import Permitting
from kbchat.library.sources.runs import claim
from tests.company import Company
from tests.servers import as_worker
from tests.services.audit_support import recorded
from tests.services.source_access_support import mirrored, rule, say
from tests.services.sources_support import read, surroundings_of, work, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, **{f"page{number}": "Words." for number in range(5)})
    say(tmp_path, rule("**", "Staff"))
    return tmp_path


def events() -> list[tuple[int, int]]:
    """How many documents each counts, and how many it names."""
    told = [event.subject for event in recorded(AuditAction.READERS_MIRRORED)]
    return [(each["documents"], sum(len(one["documents"]) for one in each["changes"])) for each in told]


def test_of_very_many_the_first_are_named_and_all_are_counted(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_MOST_MIRRORED_TOLD", 3)
    source, reach = mirrored(company, folder), surroundings_of(folder)
    read(company, source, reach)
    assert events() == [(5, 3)]
    say(folder, rule("**"))
    read(company, source, reach)
    assert events() == [(5, 3)] * 2
    with as_worker():
        assert set(SourceRun.objects.values_list("mirrored__0", flat=True)) == {None}


def test_a_run_that_fails_has_told_what_it_had_done_and_nothing_else(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = mirrored(company, folder), surroundings_of(folder)
    admit = Permitting.admit

    def failing(self: Permitting, document: UUID, path: str) -> None:
        admit(self, document, path)
        if self._run.new == 2:
            raise RuntimeError("of the machine's")

    monkeypatch.setattr(Permitting, "admit", failing)
    assert read(company, source, reach).problem == "internal"
    assert events() == [(2, 2)]


def test_a_run_that_another_worker_ends_tells_of_both(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = mirrored(company, folder), surroundings_of(folder)

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("kbchat.library.sources.running.remove_missing", killed)
        start_source(company.admin, source.id)
        with pytest.raises(Killed):
            work(reach)
    assert events() == []
    (folder / "page5.md").write_text("# More")
    with as_worker():
        SourceRun.objects.update(state="queued", lease=None, leased_until=None)
    work(reach)
    assert events() == [(6, 6)]


@pytest.mark.parametrize("end", [remove_source, cancel_source])
def test_a_run_that_somebody_ends_leaves_what_it_had_done(
    company: Company, folder: Path, end: Callable[[Viewer, UUID], object]
) -> None:
    source = mirrored(company, folder)
    start_source(company.admin, source.id)
    with as_worker():
        run = claim(SourceRun.objects.get(state="queued").pk)
        assert run is not None
        SourceRun.objects.filter(pk=run.pk).update(
            readers_changed=1, mirrored=[{"before": [], "after": [], "documents": [str(run.pk)]}]
        )
    end(company.admin, source.id)
    assert events() == [(1, 1)]
    assert recorded(AuditAction.READERS_MIRRORED)[0].actor_id == company.admin.user_id

"""Who reads what a source brings, where the source itself says it: withdrawn there is withdrawn here before anything
new is shown, nobody gets by it what he has no right on the collection for, and what is not understood is for owners.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import ensure_group
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Conflict, Invalid, NotFound, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.library.documents import delete_document, list_documents
from kbchat.library.models import PermissionsFrom, SourceItem, SourceRun
from kbchat.library.moving import move_document
from kbchat.library.sharing import give_grant
from kbchat.library.sources import taking
from kbchat.library.sources.keeping import (
    SourceWish,
    keep_source,
    list_source_runs,
    list_sources,
    start_source,
)
from kbchat.library.sources.permitting import choose_permissions
from kbchat.library.sources.rows import SourceRow
from kbchat.library.uploading import take_in
from kbchat.sources.access_file import ACCESS_FILE
from kbchat.sources.folder import FolderSource
from kbchat.sources.port import Surroundings
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.rules.sources_support import commit, repository_at
from tests.servers import as_application, as_worker
from tests.services.audit_support import recorded
from tests.services.sources_support import counted, read, surroundings_of, watched, work, write

pytestmark = pytest.mark.django_db


def rule(path: str, *groups: str) -> str:
    """Without a group: whoever reads the collection."""
    who = f"groups = [{', '.join(repr(group) for group in groups)}]" if groups else "everyone = true"
    return f'[[rule]]\npath = "{path}"\n{who}\n'


def say(folder: Path, *rules: str) -> None:
    (folder / ACCESS_FILE).unlink(missing_ok=True)
    (folder / ACCESS_FILE).write_text("\n".join(rules))


def mirrored(company: Company, folder: Path, kind: str = "folder", **place: str) -> SourceRow:
    wish = SourceWish(
        kind,
        "Files",
        place or {"folder": str(folder)},
        permissions_from=PermissionsFrom.SOURCE,
    )
    return keep_source(company.admin, company.handbook.id, wish, surroundings_of(folder))


def seen(company: Company, viewer: Viewer) -> set[str]:
    """What the database shows him."""
    with viewing(viewer):
        here = Document.objects.filter(collection=company.handbook.id, deleted_at=None)
        return set(here.values_list("title", flat=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, board__plan="Secret.", staff__leave="Words.", other="Words.")
    say(tmp_path, rule("board/**", "Board"), rule("staff/**", "Staff"))
    return tmp_path


@pytest.fixture
def board(company: Company) -> Group:
    """The stranger's; nobody of it reads the collection by that."""
    return ensure_group("Board", [user(company.stranger)])


def user(viewer: Viewer) -> User:
    return User.objects.get(pk=viewer.user_id)


ALL = {"plan", "leave", "other"}


def test_each_document_is_read_by_whom_the_source_names(company: Company, board: Group, folder: Path) -> None:
    source, reach = mirrored(company, folder), surroundings_of(folder)
    run = read(company, source, reach)
    assert (counted(run), run.readers_changed, run.withheld) == ({"new": 3}, 3, 0)
    assert run.permissions_problem == ""
    assert seen(company, company.reader) == {"leave"}
    assert seen(company, company.admin) == ALL
    # An editor of the collection is no reader of what is not for him.
    assert seen(company, company.editor) == set()
    told = [event.subject for event in recorded(AuditAction.READERS_MIRRORED)]
    assert [(each["source"], each["run"], each["keeper"], each["documents"]) for each in told] == [
        (str(source.id), str(run.pk), str(company.admin.user_id), 3)
    ]
    with as_worker():
        ids = {item.path: str(item.document_id) for item in SourceItem.objects.all()}
    assert {
        (*each["before"], "->", *each["after"]): set(each["documents"]) for each in told[0]["changes"]
    } == {
        ("->", str(company.staff.pk)): {ids["staff/leave.md"]},
        ("->", str(board.pk)): {ids["board/plan.md"]},
        ("->",): {ids["other.md"]},
    }
    # Again nothing changes, and nothing is recorded.
    assert read(company, source, reach).readers_changed == 0
    assert len(recorded(AuditAction.READERS_MIRRORED)) == 1


def test_mail_is_read_by_whom_its_folder_names_and_not_by_whom_its_sender_does(
    company: Company, tmp_path: Path
) -> None:
    """Also what is in the folder no more, but in the library: rules that come later are for it, too."""
    mail = "From: a@example.com\nTo: reader@example.com\nSubject: {}\n\nWords.\n"
    for place, subject in (("board/new/1.M1.host", "plan"), ("staff/cur/2.M1.host:2,S", "leave")):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(mail.format(subject))
    say(tmp_path, rule("staff/**", "Staff"))
    source, reach = mirrored(company, tmp_path, "mail_folder"), surroundings_of(tmp_path)
    read(company, source, reach)
    assert seen(company, company.reader) == {"leave"}
    (tmp_path / "staff/cur/2.M1.host:2,S").unlink()
    say(tmp_path, rule("board/cur/1.M1.host", "Staff"))
    read(company, source, reach)
    assert seen(company, company.reader) == {"plan"}
    assert seen(company, company.admin) == {"plan", "leave"}


def test_nobody_gets_what_he_has_no_right_on_the_collection_for(
    company: Company, board: Group, folder: Path
) -> None:
    say(folder, rule("**"))
    source, reach = mirrored(company, folder), surroundings_of(folder)
    read(company, source, reach)
    assert seen(company, company.reader) == seen(company, company.editor) == ALL
    assert seen(company, company.stranger) == set()
    say(folder, rule("**", "Board", "Staff"))
    read(company, source, reach)
    assert seen(company, company.stranger) == set()
    assert seen(company, company.reader) == ALL
    # The right on the collection goes, and with it all that a source granted beside it.
    grants = Grant.objects.filter(collection=company.handbook.id, group=company.staff)
    assert grants.delete()[0] == 1
    assert seen(company, company.reader) == set()
    give_grant(company.admin, company.handbook.id, Principal("group", board.pk), Role.READER)
    assert seen(company, company.stranger) == ALL


def test_what_is_withdrawn_is_gone_before_anything_new_is_taken_in(
    company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, reach = mirrored(company, folder), surroundings_of(folder)
    read(company, source, reach)
    assert seen(company, company.reader) == {"leave"}
    say(folder, rule("other.md", "Staff"), rule("**", "Nobody's"))
    write(folder, staff__leave="Secret words.", staff__new="Secret.")
    seen_meanwhile: list[set[str]] = []
    take = taking.Taking.take

    def watching(self: taking.Taking, *about: object) -> None:
        take(self, *about)  # type: ignore[arg-type]
        with as_application():
            seen_meanwhile.append(seen(company, company.reader))

    monkeypatch.setattr(taking.Taking, "take", watching)
    read(company, source, reach)
    assert seen_meanwhile == [{"other"}] * 4
    assert seen(company, company.reader) == {"other"}


class TestFailingClosed:
    @pytest.mark.parametrize(
        ("breaking", "code"),
        [
            (lambda folder: (folder / ACCESS_FILE).unlink(), "source_access_missing"),
            (lambda folder: (folder / ACCESS_FILE).write_text("[[rule"), "source_access_unusable"),
            (lambda folder: say(folder, rule("**").replace("everyone", "all")), "source_access_unusable"),
            (lambda folder: (folder / ACCESS_FILE).write_bytes(b"#" * 2**21), "too_large"),
            (lambda folder: _linked(folder), "source_access_missing"),
        ],
        ids=("missing", "broken", "half understood", "too large", "a link"),
    )
    def test_what_cannot_be_read_is_for_owners_alone(
        self, company: Company, folder: Path, breaking: Callable[[Path], None], code: str
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        breaking(folder)
        write(folder, new="Words.")
        run = read(company, source, reach)
        assert (run.state, run.permissions_problem, run.withheld) == ("succeeded", code, 4)
        assert seen(company, company.reader) == set()
        assert seen(company, company.admin) == ALL | {"new"}
        say(folder, rule("**"))
        run = read(company, source, reach)
        assert (run.permissions_problem, run.permissions_facts, run.withheld) == ("", {}, 0)
        assert seen(company, company.reader) == ALL | {"new"}

    def test_a_source_that_does_not_answer_that_question_is_closed(
        self, company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)

        def silent(self: FolderSource) -> None:
            raise Unavailable("source_unreachable")

        monkeypatch.setattr(FolderSource, "permissions", silent)
        assert read(company, source, reach).permissions_problem == "source_unreachable"
        assert seen(company, company.reader) == set()

    def test_a_rule_that_names_an_unknown_group_lets_nobody_in(self, company: Company, folder: Path) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        say(folder, rule("staff/**", "Staff", "Stuff"), rule("**", "Staff"))
        run = read(company, source, reach)
        assert (run.permissions_problem, run.withheld) == ("source_groups_unknown", 1)
        assert run.permissions_facts == {"groups": "Stuff", "count": 1}
        assert seen(company, company.reader) == {"plan", "other"}
        # As soon as there is such a group, although nothing has changed in the source.
        ensure_group("Stuff", [])
        read(company, source, reach)
        assert seen(company, company.reader) == ALL

    def test_a_group_that_goes_takes_its_readers_along(self, company: Company, folder: Path) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        other = ensure_group("Other", [user(company.editor)])
        say(folder, rule("**", "Other"))
        read(company, source, reach)
        assert seen(company, company.editor) == ALL
        other.delete()
        assert seen(company, company.editor) == set()
        assert read(company, source, reach).permissions_problem == "source_groups_unknown"
        assert seen(company, company.editor) == set()

    def test_without_a_keeper_who_owns_the_collection_nothing_is_read(
        self, company: Company, folder: Path
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
        give_grant(company.editor, company.handbook.id, Principal("user", company.admin.user_id), Role.EDITOR)
        write(folder, staff__new="Secret.")
        start_source(company.editor, source.id)
        work(reach)
        run = list_source_runs(company.editor, source.id)[0]
        assert (run.state, run.problem, run.readers_changed) == ("failed", "source_without_owner", 0)
        assert seen(company, company.editor) == ALL


def _linked(folder: Path) -> None:
    (folder / ".elsewhere").write_text(rule("**"))
    (folder / ACCESS_FILE).unlink()
    (folder / ACCESS_FILE).symlink_to(folder / ".elsewhere")


class TestAGitRepository:
    def test_a_group_that_comes_later_counts_although_nothing_was_committed(
        self, company: Company, tmp_path: Path
    ) -> None:
        repository = repository_at(tmp_path / "repository")
        write(repository, page="Words.")
        say(repository, rule("**", "Editors"))
        commit(repository)
        source, reach = (
            mirrored(company, repository, "git", url=str(repository)),
            surroundings_of(repository),
        )
        assert read(company, source, reach).permissions_problem == "source_groups_unknown"
        ensure_group("Editors", [user(company.editor)])
        run = read(company, source, reach)
        assert (counted(run), run.readers_changed) == ({"unchanged": 1}, 1)
        assert seen(company, company.editor) == {"page"}


class TestBesideWhatPeopleDo:
    def test_what_was_imported_before_follows_the_source_from_then_on(
        self, company: Company, folder: Path
    ) -> None:
        same = markdown((folder / "other.md").read_text(), "other.md", source_path="other.md")
        take_in(company.admin, company.handbook.id, same, max_bytes=MAX_BYTES)
        ingest()
        assert seen(company, company.reader) == {"other"}
        read(company, mirrored(company, folder), surroundings_of(folder))
        assert seen(company, company.reader) == {"leave"}

    def test_a_denial_and_a_grant_by_hand_stay(self, company: Company, board: Group, folder: Path) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        Grant.objects.create(document_id=rows["leave"], user_id=company.reader.user_id, deny=True)
        Grant.objects.create(document_id=rows["other"], group=company.staff)
        say(folder, rule("**", "Staff"))
        read(company, source, reach)
        assert seen(company, company.reader) == {"plan", "other"}
        say(folder, rule("none", "Staff"))
        read(company, source, reach)
        assert seen(company, company.reader) == {"other"}

    def test_what_was_moved_or_deleted_here_is_no_matter_of_the_source_s(
        self, company: Company, folder: Path
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        rows = {row.title: row.id for row in list_documents(company.admin, company.handbook.id)}
        move_document(company.admin, rows["other"], company.salaries.id)
        delete_document(company.admin, rows["plan"])
        say(folder, rule("**", "Staff"))
        assert read(company, source, reach).readers_changed == 0
        assert seen(company, company.reader) == {"leave"}


class TestChoosing:
    def test_it_is_chosen_anew_and_closes_at_once(self, company: Company, folder: Path) -> None:
        source, reach = watched(company, folder), surroundings_of(folder)
        read(company, source, reach)
        assert seen(company, company.reader) == ALL
        row = choose_permissions(company.admin, source.id, PermissionsFrom.SOURCE)
        assert (row.permissions_from, row.knows_readers) == ("source", True)
        assert seen(company, company.reader) == set()
        read(company, source, reach)
        assert seen(company, company.reader) == {"leave"}
        choose_permissions(company.admin, source.id, PermissionsFrom.COLLECTION)
        assert seen(company, company.reader) == ALL
        assert not Grant.objects.filter(is_from_source=True).exists()
        read(company, source, reach)
        assert seen(company, company.reader) == ALL
        chosen = [event.subject for event in recorded(AuditAction.SOURCE_PERMISSIONS_CHOSEN)]
        assert [(each["before"], each["after"], each["documents"]) for each in chosen] == [
            ("collection", "source", 3),
            ("source", "collection", 3),
        ]

    def test_by_owners_alone_and_not_while_a_run_is_under_way(self, company: Company, folder: Path) -> None:
        source = mirrored(company, folder)
        for nobody in (company.editor, company.reader, company.stranger):
            with pytest.raises(NotFound):
                choose_permissions(nobody, source.id, PermissionsFrom.COLLECTION)
        start_source(company.admin, source.id)
        with pytest.raises(Conflict, match="source_is_running"):
            choose_permissions(company.admin, source.id, PermissionsFrom.COLLECTION)

    def test_a_kind_that_knows_of_nobody_is_not_asked(self, company: Company, tmp_path: Path) -> None:
        place = {"sitemap": "https://docs.example.com/sitemap.xml"}
        reach = Surroundings(origins=frozenset({"https://docs.example.com"}))
        wish = SourceWish("website", "Pages", place)
        source = keep_source(company.admin, company.handbook.id, wish, reach)
        with pytest.raises(Invalid, match="source_knows_no_readers"):
            choose_permissions(company.admin, source.id, PermissionsFrom.SOURCE)
        wish = SourceWish("website", "More", place, permissions_from=PermissionsFrom.SOURCE)
        with pytest.raises(Invalid, match="source_knows_no_readers"):
            keep_source(company.admin, company.handbook.id, wish, reach)
        assert [row.permissions_from for row in list_sources(company.admin)] == ["collection"]


def test_a_worker_grants_nothing_else_and_not_for_whoever_is_no_owner(
    company: Company, board: Group, folder: Path
) -> None:
    """What the database itself says, should the program forget to ask."""
    read(company, mirrored(company, folder), surroundings_of(folder))
    read_by_all = take_in(company.admin, company.handbook.id, markdown("# Open\n"), max_bytes=MAX_BYTES)
    with as_worker():
        document = Document.objects.get(title="plan").pk
        assert SourceItem.objects.filter(document=document).exists()
        assert SourceRun.objects.exists()
    tried = [
        (company.admin, {"document_id": document, "group": board}),
        (company.admin, {"collection_id": company.handbook.id, "group": board}),
        (company.editor, {"document_id": read_by_all, "group": board, "is_from_source": True}),
        (company.reader, {"document_id": read_by_all, "group": board, "is_from_source": True}),
    ]
    for viewer, row in tried:
        with as_worker(), pytest.raises(Exception, match="row-level security"), viewing(viewer):
            Grant.objects.create(**row)
    with pytest.raises(Exception, match="row-level security"), viewing(company.admin):
        Grant.objects.create(document_id=document, group=board, is_from_source=True)
    for wrong in ({"role": "editor"}, {"deny": True}):
        with (
            as_worker(),
            pytest.raises(Exception, match="grant_from_a_source_lets_groups_read_a_document"),
            viewing(company.admin),
        ):
            Grant.objects.create(document_id=document, group=board, is_from_source=True, **wrong)
    with as_worker(), viewing(company.admin):
        Grant.objects.create(document_id=read_by_all, group=board, is_from_source=True)

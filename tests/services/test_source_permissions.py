"""Who reads what a source brings, where the source itself says it: withdrawn there is withdrawn here before anything
new is shown, nobody gets by it what he has no right on the collection for, and what is not understood is for owners.
"""

from pathlib import Path

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group
from kbchat.accounts.people import ensure_group
from kbchat.audit.models import AuditAction
from kbchat.documents.models import Document
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.sharing import give_grant
from kbchat.library.sources import taking
from kbchat.library.uploading import take_in
from tests.company import MAX_BYTES, Company, markdown
from tests.rules.sources_support import commit, repository_at
from tests.servers import as_application, as_worker
from tests.services.audit_support import recorded
from tests.services.source_access_support import (
    ALL,
    mirrored,
    rule,
    say,
    seen,
    user,
)
from tests.services.sources_support import counted, read, surroundings_of, write

pytestmark = pytest.mark.django_db


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

"""Under which name passages may be remembered: shared by those who may read all of them, and by nobody else."""

from uuid import UUID

import pytest
from django.db import connection
from pytest_django import Settings

from kbchat.access.granting import Principal
from kbchat.access.mirroring import MirroredReaders, mirror_readers
from kbchat.access.models import Grant, Role
from kbchat.access.readership import Place, readership, readership_of_one
from kbchat.access.viewing import viewing
from kbchat.core.viewer import Viewer
from kbchat.library.documents import DocumentRow
from kbchat.library.sharing import give_grant
from tests.company import Company, add
from tests.contracts.server_process import ScriptedServer
from tests.servers import as_worker
from tests.services.chat_support import answering, ask, followed, row_of

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "How many days of annual leave does everybody have?"


def place(row: DocumentRow, *path: str) -> Place:
    assert isinstance(row.version_id, UUID)
    return row.version_id, path


@pytest.fixture
def pay(company: Company) -> DocumentRow:
    return add(company.admin, company.salaries, "# Pay\n\nThe director earns 900.\n", "pay.md")


def test_those_with_the_same_rights_share_a_name_whatever_the_page(
    company: Company, leave: DocumentRow
) -> None:
    other = add(company.admin, company.handbook, "# Canteen\n\nIt opens at noon.\n", "canteen.md")
    viewers = (company.reader, company.editor, company.admin)
    places = [[place(leave, "Annual leave")], [place(other, "Canteen")], [place(other), place(leave)]]
    names = {readership(viewer, each) for viewer in viewers for each in places}
    assert len(names) == 1
    assert len(names.pop()) == 64


def test_another_readership_has_another_name(company: Company, leave: DocumentRow, pay: DocumentRow) -> None:
    mine, secret = [place(leave)], [place(pay)]
    names = [readership(company.admin, each) for each in (mine, secret, mine + secret)]
    assert len(set(names)) == 3
    assert names[2] == readership(company.admin, secret + mine + secret)


def test_a_grant_changes_the_name_and_its_end_brings_it_back(company: Company, leave: DocumentRow) -> None:
    before = readership(company.reader, [place(leave)])
    give_grant(company.admin, company.handbook.id, Principal("user", company.stranger.user_id), Role.READER)
    wider = readership(company.reader, [place(leave)])
    assert wider != before
    assert readership(company.stranger, [place(leave)]) == wider


def test_whom_a_source_names_is_a_readership_among_those_of_the_collection(
    company: Company, leave: DocumentRow, pay: DocumentRow
) -> None:
    give_grant(company.admin, company.salaries.id, Principal("user", company.reader.user_id), Role.READER)
    staff = MirroredReaders(frozenset({company.staff.pk}))
    with as_worker(), viewing(company.admin):
        assert len(mirror_readers(company.admin, {leave.id: staff, pay.id: staff})) == 2
    # All of the staff, and of the staff the reader alone.
    mirrored = {readership(company.admin, [place(row)]) for row in (leave, pay)}
    assert len(mirrored) == 2
    assert readership(company.reader, [place(leave)]) in mirrored
    with as_worker():
        Grant.objects.filter(document=leave.id).delete()
    Grant.objects.create(document_id=leave.id, group=company.staff)
    assert readership(company.admin, [place(leave)]) not in mirrored


@pytest.mark.parametrize("hidden_alone", [True, False])
def test_whoever_may_not_read_a_passage_gets_a_name_of_his_own(
    company: Company, leave: DocumentRow, pay: DocumentRow, *, hidden_alone: bool
) -> None:
    places = [place(pay)] if hidden_alone else [place(leave), place(pay)]
    assert readership(company.reader, places) == readership_of_one(company.reader)
    assert readership(company.reader, places) != readership(company.admin, places)
    assert readership(company.stranger, [place(leave)]) == readership_of_one(company.stranger)
    assert readership(company.reader, []) == readership_of_one(company.reader)
    assert readership_of_one(company.reader) != readership_of_one(company.editor)


def test_the_database_tells_nothing_of_what_is_hidden(company: Company, pay: DocumentRow) -> None:
    def asked(viewer: Viewer) -> object:
        with viewing(viewer), connection.cursor() as cursor:
            cursor.execute("SELECT kbchat_access_class(%s, %s)", [[pay.version_id], [""]])
            return cursor.fetchone()

    assert asked(company.admin) not in (None, (None,))
    assert asked(company.reader) in (None, (None,))
    with connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_access_class(%s, %s)", [[pay.version_id], [""]])
        assert cursor.fetchone() in (None, (None,))


def test_names_depend_on_the_secret(company: Company, leave: DocumentRow, settings: Settings) -> None:
    before = readership(company.reader, [place(leave)]), readership_of_one(company.reader)
    settings.SECRET_KEY = "another-secret-of-enough-characters"
    after = readership(company.reader, [place(leave)]), readership_of_one(company.reader)
    assert not {*before} & {*after}


def salts_of(company: Company, server: ScriptedServer, *viewers: Viewer) -> list[str]:
    """Of the request that wrote each viewer's answer."""
    with answering(server.base_url):
        for viewer in viewers:
            turn = ask(viewer, QUESTION)
            followed(viewer, turn)
            assert row_of(viewer, turn).state == "done"
    seen = server.requests("/v1/chat/completions")
    written = [one["body"] for one in seen if one["body"].get("stream")]
    return [body["cache_salt"] for body in written[-len(viewers) :]]


def test_a_model_server_keeps_apart_what_people_with_other_rights_asked(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(default={"reply": "Everybody has 28 days [1].", "labels": {"yes": 0.9}})
    reader, editor = salts_of(company, server, company.reader, company.editor)
    assert reader == editor == readership(company.reader, [place(leave)])
    board = "# Board\n\nEverybody of the board has 40 days of annual leave in a year.\n"
    add(company.admin, company.salaries, board, "board.md")
    (admin,) = salts_of(company, server, company.admin)
    assert admin != reader


def test_a_conversation_is_remembered_for_its_owner_alone(
    company: Company, leave: DocumentRow, server: ScriptedServer
) -> None:
    server.script(default={"reply": "Everybody has 28 days [1].", "labels": {"yes": 0.9}})
    with answering(server.base_url):
        first = ask(company.reader, QUESTION)
        followed(company.reader, first)
        before = len(server.requests("/v1/chat/completions"))
        followed(company.reader, ask(company.reader, "And how many may be carried over?", after=first))
    later = server.requests("/v1/chat/completions")[before:]
    assert later
    assert {one["body"]["cache_salt"] for one in later} == {readership_of_one(company.reader)}

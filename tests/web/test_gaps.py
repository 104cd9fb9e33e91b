"""Knowledge gaps over HTTP: reported, read, given to somebody, asked again, settled, told (U60)."""

from dataclasses import replace
from datetime import date

import pytest

from kbchat.library.collections import create_collection
from kbchat.library.documents import DocumentRow
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.port import EVERYTHING, Scope
from kbchat.retrieval.scopes import to_stored
from tests.services.gaps_support import PIER, refused, the_gap
from tests.web.conftest import Company, SignIn, call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]


def test_it_is_reported_settled_and_told(company: Company, signed_in: SignIn, page: DocumentRow) -> None:
    conversation, turn = refused(company.viewer(company.reader))
    address = f"/conversations/{conversation}/turns/{turn}/gap-report"
    reader, owner, stranger = map(signed_in, (company.reader, company.owner, company.stranger))
    wish = {"comment": "For the fair", "may_be_named": False}
    own = call(reader, "post", address, wish).json()
    assert own == wish | {"turn_id": str(turn), "reported_at": own["reported_at"]}
    assert call(reader, "get", "/gap-reports").json() == [own]
    for other in (owner, stranger):
        assert call(other, "post", address, wish).status_code == 404
        assert call(other, "delete", address).status_code == 404
        assert call(other, "get", "/gap-reports").json() == []

    [gap] = call(owner, "get", "/gaps").json()
    assert (gap["state"], gap["is_everywhere"], gap["has_news"]) == ("open", True, False)
    [told] = gap["reports"]
    assert set(told) == {
        *("question", "comment", "language", "reported_at", "name", "scope", "document_titles")
    }
    assert (told["question"], told["comment"], told["name"]) == (PIER, "For the fair", "")
    board = f"/gaps/{gap['id']}"
    [answerer] = call(owner, "get", f"{board}/answerers").json()
    assert answerer == {"id": str(company.owner.pk), "name": "Olga Ernst"}
    given = call(owner, "patch", board, {"state": "assigned", "assignee_id": answerer["id"]}).json()
    assert (given["state"], given["assignee"]) == ("assigned", "Olga Ernst")
    assert not call(owner, "post", f"{board}/search").json()["is_answered"]
    settled = call(owner, "patch", board, {"state": "answered", "document_id": str(page.id)}).json()
    assert (settled["state"], settled["document_title"]) == ("answered", page.title)
    [notice] = call(reader, "get", "/notices").json()
    assert notice["kind"] == "gap_answered"
    assert notice["asked"] == {"question": PIER, "scope": to_stored(EVERYTHING)}

    for method, path, body in (
        ("patch", board, {"state": "open"}),
        ("get", f"{board}/answerers", None),
        ("post", f"{board}/search", None),
    ):
        assert call(stranger, method, path, body).status_code == 404
    assert call(stranger, "get", "/gaps").json() == []
    refusals = {
        "invalid_request": (422, {"state": "answered"}),
        "gap_assignee_unfit": (400, {"state": "assigned", "assignee_id": str(company.reader.pk)}),
    }
    for code, (status, wrong) in refusals.items():
        reply = call(owner, "patch", board, wrong)
        assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert call(reader, "delete", f"/conversations/{conversation}").status_code == 204
    assert call(owner, "get", "/gaps").json() == call(reader, "get", "/notices").json() == []


def test_it_is_asked_again_of_all_that_it_was_asked_of_and_may_still_be_asked_of(
    company: Company, signed_in: SignIn, page: DocumentRow
) -> None:
    reader, owner = company.viewer(company.reader), company.viewer(company.owner)
    hidden = create_collection(owner, name="Board").id
    asked = Scope(
        (company.collection_id,),
        (page.id,),
        (FileKind.MARKDOWN,),
        ("en",),
        date(2024, 1, 1),
        date(2099, 1, 1),
    )
    conversation, turn = refused(reader, scope=replace(asked, collection_ids=(company.collection_id, hidden)))
    asker = signed_in(company.reader)
    address = f"/conversations/{conversation}/turns/{turn}/gap-report"
    assert call(asker, "post", address, {"comment": "", "may_be_named": False}).status_code == 200
    settled = {"state": "answered", "document_id": str(page.id)}
    assert call(signed_in(company.owner), "patch", f"/gaps/{the_gap(owner).id}", settled).status_code == 200
    [notice] = call(asker, "get", "/notices").json()
    assert notice["asked"] == {"question": PIER, "scope": to_stored(asked)}

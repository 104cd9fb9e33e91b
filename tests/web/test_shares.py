"""Links to a conversation over HTTP, and a conversation as a file."""

import re
from typing import Any

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from kbchat.answering.events import CitationAdded, Source, SourcesFound, TextAdded, TextRange, TextWithdrawn
from kbchat.audit.models import AuditAction
from kbchat.chat.conversations import TurnDetail
from kbchat.chat.exporting import ConversationExport
from kbchat.chat.record import numbered
from kbchat.library.documents import DocumentRow
from kbchat.web.conversation_markdown import as_markdown
from tests.services.audit_support import subjects
from tests.services.chat_support import answering, ask, followed
from tests.web.conftest import Company, SignIn, browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversation(company: Company, page: DocumentRow) -> str:
    with answering():
        turn = ask(company.viewer(company.owner), "How many days of annual leave does everybody have?")
        followed(company.viewer(company.owner), turn)
    return f"/api/v1/conversations/{turn.conversation_id}"


def made(client: Client, conversation: str) -> Any:
    answered = client.post(f"{conversation}/shares", {"days": 7}, content_type="application/json")
    assert answered.status_code == 201
    return answered.json()


def test_a_link_is_made_listed_opened_and_revoked(
    company: Company, conversation: str, signed_in: SignIn
) -> None:
    owner, reader = signed_in(company.owner), signed_in(company.reader)
    link = made(owner, conversation)
    assert owner.get(f"{conversation}/shares").json() == [link["share"]]
    opened = reader.get(f"/api/v1/shared/{link['token']}")
    assert opened.status_code == 200
    assert [(turn["masked"], turn["state"]) for turn in opened.json()["turns"]] == [(False, "done")]
    assert "28 days" in opened.content.decode()
    assert '"rank_by_words": null' in opened.content.decode()
    assert not re.search(r'"rank_by_\w+": \d', opened.content.decode()), (
        "a rank tells of what stands before it"
    )
    assert re.search(r'"rank_by_words": \d', owner.get(conversation).content.decode())
    assert "no-store" in opened["Cache-Control"]
    assert browser().get(f"/api/v1/shared/{link['token']}").status_code == 401
    assert owner.delete(f"/api/v1/shares/{link['share']['id']}").status_code == 204
    for token in (link["token"], "guessed"):
        refused = reader.get(f"/api/v1/shared/{token}")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_the_page_of_a_link_tells_nothing_and_is_not_indexed() -> None:
    answered = browser().get("/shared/whatever")
    assert answered.status_code == 200
    assert answered["X-Robots-Tag"] == "noindex, nofollow"
    assert b"whatever" not in answered.content


@pytest.mark.parametrize(("language", "sources"), [("en", "**Sources**"), ("zh-hans", "**来源**")])
def test_a_conversation_is_a_file(
    company: Company, conversation: str, signed_in: SignIn, language: str, sources: str
) -> None:
    client = signed_in(company.owner)
    answered = client.get(f"{conversation}/markdown", headers={"accept-language": language})
    assert answered["Content-Type"] == "text/markdown; charset=utf-8"
    assert answered["Content-Disposition"].startswith("attachment; filename=")
    text = answered.content.decode()
    assert text.startswith("# How many days of annual leave does everybody have?\n\n## How many days")
    assert sources in text
    assert "28 days of annual leave" in text
    assert "](http://testserver/d/" in text
    assert len(subjects(AuditAction.CONVERSATION_EXPORTED)) == 1
    assert signed_in(company.reader).get(f"{conversation}/markdown").status_code == 404


def source(quote: str) -> Source:
    return Source(
        number=3,
        document_id="d",
        version_id="v",
        collection_name="Handbook",
        title="Leave [2025] <img src=x>",
        heading_path=["Days"],
        page=4,
        start=10,
        end=20,
        quote=quote,
        effective_from="2025-01-01",
    )


def test_numbers_stand_where_it_cites_and_nothing_is_loaded(company: Company) -> None:
    cited = {"source": 3, "document_id": "d", "version_id": "v", "start": 10, "end": 20, "page": 4}
    events = [
        SourcesFound(round=1, sources=[source("![a](https://evil.example/?q)")]),
        TextAdded(text="年假 28 天。Wrong. ![a](https://evil.example/) <b>End</b>."),
        CitationAdded(number=1, at=7, quote="![a](https://evil.example/?q)", **cited),
        CitationAdded(number=2, at=15, quote="never", **cited),
        TextWithdrawn(range=TextRange(start=8, end=15), reason="unsupported"),
    ]
    asked = {"id": company.collection_id, "parent_id": None, "created_at": company.owner.joined_at}
    turns = [
        TurnDetail(question="几天？\n# x", state="done", masked=False, events=numbered(events), **asked),
        TurnDetail(question="And?", state="done", masked=True, events=[], **asked),
        TurnDetail(question="Cut", state="stopped", masked=False, events=[], **asked),
    ]
    text = as_markdown(ConversationExport("Leave", turns), language="en", address="https://kb.example")
    assert "## 几天？ # x\n" in text
    assert "年假 28 天 [1]。\\![a](https://evil.example/) \\<b>End\\</b>." in text
    assert (
        "1. [Leave \\[2025\\] \\<img src=x> › Days](https://kb.example/d/d/v?start=10&end=20), page 4: “\\!["
    ) in text
    assert "never" not in text
    assert "no longer available to you" in text
    assert "not complete" in text


@pytest.mark.parametrize(
    "said",
    [
        "![x](https://evil.example/)",
        "<img src=https://evil.example/>",
        # As an answer writes what a document says, escaped already.
        r"\<img src=https://evil.example/\>",
        r"\![x](https://evil.example/)",
        r"\\![x](https://evil.example/)",
        r"\\\<img src=https://evil.example/>",
        r"\\\\![x](https://evil.example/)",
    ],
)
def test_nothing_that_a_document_says_becomes_a_picture(company: Company, said: str) -> None:
    turn = TurnDetail(
        id=company.collection_id, parent_id=None, question="q", state="done", created_at=company.owner.joined_at,
        masked=False, events=numbered([TextAdded(text=said)]),
    )  # fmt: skip
    text = as_markdown(ConversationExport("Leave", [turn]), language="en", address="https://kb.example")
    assert "<img" not in MarkdownIt("commonmark").render(text)

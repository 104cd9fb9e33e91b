"""Insights over HTTP: JSON and CSV say the same (U59)."""

import csv
import io
from uuid import uuid4

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.chat.models import Citation, Conversation, Turn
from kbchat.insights.figures import CitedDocument, Figures, Insights
from kbchat.library.documents import DocumentRow
from kbchat.web.http import insights
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_table_holds_what_the_page_is_told(
    company: Company, signed_in: SignIn, page: DocumentRow
) -> None:
    with viewing(company.viewer(company.reader)):
        turn = Turn.objects.create(
            conversation=Conversation.objects.create(owner=company.reader, title="?"),
            owner=company.reader,
            client_message_id=uuid4(),
            question="?",
            state="done",
            first_word_at=timezone.now(),
            finished_at=timezone.now(),
        )
        Citation.objects.create(
            turn=turn, number=1, at=0, version_id=page.version_id, start=0, end=1, quote="x"
        )
    owner, reader = signed_in(company.owner), signed_in(company.reader)
    told = call(owner, "get", "/insights?days=7").json()
    assert [each["figures"]["questions"] for each in told["days"]] == [0] * 6 + [1]
    assert told["documents"] == [{"id": str(page.id), "title": page.title, "answers": 1}]
    days = call(owner, "get", "/insights/export?days=7")
    assert days["Content-Type"] == "text/csv; charset=utf-8"
    assert table(days.content) == [
        {"day": each["day"]}
        | {name: "" if value is None else str(value) for name, value in each["figures"].items()}
        for each in told["days"]
    ]
    documents = call(owner, "get", "/insights/export?days=7&table=documents")
    assert table(documents.content) == [{"document_id": str(page.id), "title": page.title, "answers": "1"}]
    for path in ("/insights", "/insights/export", "/insights/export?table=documents"):
        assert call(reader, "get", path).status_code == 404
    assert call(owner, "get", "/insights?days=8").status_code == 422
    assert call(owner, "get", f"/insights?group_id={uuid4()}").status_code == 404


def test_a_title_is_no_formula(company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    cited = CitedDocument(uuid4(), '=HYPERLINK("https://example.com")', 1)
    monkeypatch.setattr(insights.figures, "read_insights", lambda *_, **__: Insights([], Figures(), [cited]))
    [row] = table(call(signed_in(company.owner), "get", "/insights/export?table=documents").content)
    assert row["title"] == "'" + cited.title

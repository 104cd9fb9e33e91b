"""A passage is left out of search, or let in again, while a new version of its document is published: whoever comes
second does it for both versions, and in the end they agree."""

from typing import Any

import pytest

from kbchat.access.viewing import viewing
from kbchat.core.text import Span
from kbchat.documents.models import DocumentVersion, SilencedPassage
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import IngestionRun
from kbchat.library import indexing_runs, silencing
from kbchat.library.documents import DocumentRow
from kbchat.library.ingesting import index_run, parse_run
from kbchat.library.previewing import list_passages
from kbchat.library.silencing import silence_passage
from kbchat.library.uploading import replace
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import MAX_BYTES, Company, add, found_company, markdown, parsed_here
from tests.servers import as_worker
from tests.services.turns import in_turn

pytestmark = pytest.mark.django_db(transaction=True)

PASSAGE = "## Carry-over\n\nFive days of leave are carried over.\n"
PAGE = f"# Leave\n\nEverybody has 27 days of annual leave.\n\n{PASSAGE}"
NEWER = f"# Leave\n\nEverybody has 28 days of annual leave.\n\n{PASSAGE}"


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def page(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE)


def switch(company: Company, version_id: Any, *, is_silenced: bool) -> None:
    (row,) = [each for each in list_passages(company.admin, version_id) if "carried" in each.text]
    silence_passage(company.admin, version_id, Span(row.start, row.end), is_silenced=is_silenced)


@pytest.mark.parametrize("is_silenced", [True, False], ids=("left out", "let in again"))
@pytest.mark.parametrize("publishes_first", [True, False], ids=("published first", "switched first"))
def test_both_versions_agree_in_the_end(
    company: Company, page: DocumentRow, *, publishes_first: bool, is_silenced: bool
) -> None:
    if not is_silenced:
        switch(company, page.version_id, is_silenced=True)
    newer = replace(company.admin, page.id, markdown(NEWER), max_bytes=MAX_BYTES)
    with as_worker(), parsed_here():
        run = IngestionRun.objects.get(version=newer.version_id)
        parse_run(run.pk, encoders=only(HashEmbedder()), limits=SandboxLimits())

    def publish() -> None:
        with as_worker():
            index_run(run.pk, encoders=only(HashEmbedder()))

    def choose() -> None:
        switch(company, page.version_id, is_silenced=is_silenced)

    if publishes_first:
        in_turn(publish, choose, indexing_runs, "_carry_silence")
    else:
        in_turn(choose, publish, silencing, "in_later_versions")
    with viewing(company.admin):
        assert (
            list(DocumentVersion.objects.order_by("number").values_list("state", flat=True)) == ["ready"] * 2
        )
        silenced = set(SilencedPassage.objects.values_list("version", flat=True))
    with as_worker():
        versions = set(DocumentVersion.objects.filter(document=page.id).values_list("pk", flat=True))
    assert silenced == (versions if is_silenced else set())
    assert newer.id == page.id

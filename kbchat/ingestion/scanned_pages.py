"""The pages of a version that are pictures, with what was recognised on each: kept page by page, so that this can be
done in many turns, and forgotten with the text that is made of them."""

from collections.abc import Iterable
from uuid import UUID

from kbchat.ingestion.models import ScannedPage
from kbchat.parsing.recognised import RecognisedPage, page_from_json, page_to_json


def plan_pages(version_id: UUID, numbers: Iterable[int]) -> None:
    """These are to be looked at, whatever an earlier run had found. To be called in a transaction."""
    forget_pages(version_id)
    ScannedPage.objects.bulk_create(ScannedPage(version_id=version_id, number=number) for number in numbers)


def next_pages(version_id: UUID, most: int) -> list[int]:
    """The first of those that nobody has looked at."""
    waiting = ScannedPage.objects.filter(version=version_id, found__isnull=True)
    return list(waiting.order_by("number").values_list("number", flat=True)[:most])


def keep_pages(version_id: UUID, pages: Iterable[RecognisedPage]) -> None:
    for page in pages:
        ScannedPage.objects.filter(version=version_id, number=page.number).update(found=page_to_json(page))


def count_unread_pages(version_id: UUID) -> int:
    """Of those that were looked at."""
    return ScannedPage.objects.filter(version=version_id, found__has_key="unread").count()


def share_of_pages_read(version_id: UUID) -> float:
    pages = ScannedPage.objects.filter(version=version_id)
    return pages.exclude(found__isnull=True).count() / max(pages.count(), 1)


def recognised_pages(version_id: UUID) -> list[RecognisedPage]:
    found = ScannedPage.objects.filter(version=version_id).exclude(found__isnull=True)
    return [page_from_json(told) for told in found.order_by("number").values_list("found", flat=True)]


def forget_pages(version_id: UUID) -> None:
    ScannedPage.objects.filter(version=version_id).delete()

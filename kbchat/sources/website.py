"""A website by its sitemap: the pages that it names, and no others.

What the sitemap says of a page's last change spares asking for it; otherwise the page's own validators do.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, ClassVar, Final, Self
from urllib.parse import unquote, urlsplit

from lxml import etree

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.parsing.characters import on_one_line, visible
from kbchat.parsing.sniffing import named_type
from kbchat.sources.access_file import Permissions
from kbchat.sources.addresses import allowed_target
from kbchat.sources.answered_xml import root_of, text_in
from kbchat.sources.choosing import is_picture
from kbchat.sources.copying import copy_bounded
from kbchat.sources.fetching import Reply, fetched, require_whole
from kbchat.sources.port import Fetched, Item, Listing, Place, Surroundings

_SITEMAP: Final = "sitemap"
_SITEMAP_SECONDS: Final = 60.0
_PAGE_SECONDS: Final = 300.0
_MOST_SITEMAP_BYTES: Final = 50 * 1024 * 1024
"""As the sitemap protocol has it."""
_MOST_SITEMAPS: Final = 500
_DAY: Final = re.compile(r"(\d{4}(?:-\d\d){0,2})(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)?)?")
"""Of a last change, where no time is told: a year, a month or a day, or the midnight that programs write for it."""
_SUFFIXES: Final = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/markdown": ".md",
    "text/plain": ".txt",
}


class WebsiteSource:
    mirrors: ClassVar[bool] = True
    knows_readers: ClassVar[bool] = False
    fields: ClassVar[Mapping[str, bool]] = {_SITEMAP: True}
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, sitemap: str, surroundings: Surroundings) -> None:
        self._sitemap = sitemap
        self._surroundings = surroundings

    @classmethod
    def at(cls, place: Place, surroundings: Surroundings) -> Self:
        allowed_target(place[_SITEMAP], surroundings)
        return cls(place[_SITEMAP], surroundings)

    def listing(self, known_revision: str) -> Listing | None:
        found: dict[str, Item] = {}
        waiting, seen = [self._sitemap], {self._sitemap}
        passed_over, is_complete = 0, True
        while waiting:
            address = waiting.pop(0)
            try:
                sitemaps, pages = self._read(address)
            except KbchatError:
                if address == self._sitemap:
                    raise
                # Nothing follows from the pages that the missing one would have named.
                is_complete = False
                continue
            for other in sitemaps:
                if other not in seen and len(seen) < _MOST_SITEMAPS:
                    seen.add(other)
                    waiting.append(other)
                elif other not in seen:
                    is_complete = False
            for item in pages:
                if self._is_allowed(item.path):
                    found[item.path] = item
                else:
                    passed_over += 1
            if len(found) > self._surroundings.most_items:
                break
        return Listing(list(found.values()), passed_over, is_complete)

    def glimpse(self, seconds: float) -> bool | None:
        sitemaps, pages = self._read(self._sitemap, seconds=seconds)
        are_read = self._surroundings.reads_pictures
        if any(self._is_allowed(page.path) for page in pages if are_read or not page.is_picture):
            return True
        return None if sitemaps else False

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        with self._answered(item.path, _conditions(validator)) as reply:
            if reply.status == 304:
                return None
            name = _filename(item.path, reply.header("content-type"))
            copy_bounded(reply.body.read, into, filename=name, most_bytes=self._surroundings.most_bytes)
            require_whole(reply, into)
            return Fetched(name, _validator(reply.header("etag"), reply.header("last-modified")))

    def permissions(self) -> Permissions:
        raise Invalid("source_knows_no_readers")

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _answered(self, address: str, asked: Mapping[str, str]) -> Iterator[Reply]:
        """A page that is not there yet, is for some alone, or leads elsewhere to sign in, may be had at the next run,
        whatever the sitemap says of its last change. Raises Unavailable, and Invalid for its bytes alone."""
        try:
            with fetched(address, self._surroundings, seconds=_PAGE_SECONDS, headers=asked) as reply:
                yield reply
        except Invalid as error:
            if error.code == "too_large":
                raise
            raise Unavailable(error.code, **error.facts) from error

    def _is_allowed(self, address: str) -> bool:
        try:
            allowed_target(address, self._surroundings)
        except Invalid:
            return False
        return True

    def _read(self, address: str, *, seconds: float = _SITEMAP_SECONDS) -> tuple[list[str], list[Item]]:
        """Further sitemaps, and pages."""
        content = io.BytesIO()
        with fetched(address, self._surroundings, seconds=seconds) as reply:
            copy_bounded(reply.body.read, content, filename="sitemap", most_bytes=_MOST_SITEMAP_BYTES)
            require_whole(reply, content)
        return _parsed(_unpacked(content.getvalue()))


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            unpacked = packed.read(_MOST_SITEMAP_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid("source_sitemap_unusable") from error
    if len(unpacked) > _MOST_SITEMAP_BYTES:
        raise Invalid("source_sitemap_unusable")
    return unpacked


def _parsed(content: bytes) -> tuple[list[str], list[Item]]:
    try:
        root = root_of(content)
    except ValueError as error:
        raise Invalid("source_sitemap_unusable") from error
    kind = etree.QName(root).localname
    if kind not in ("urlset", "sitemapindex"):
        raise Invalid("source_sitemap_unusable")
    entries = [
        (text_in(entry, "loc"), text_in(entry, "lastmod")) for entry in root if isinstance(entry.tag, str)
    ]
    if kind == "sitemapindex":
        return [address for address, _ in entries if address], []
    return [], [_item(address, changed) for address, changed in entries if address]


def _item(address: str, changed: str) -> Item:
    try:
        path = urlsplit(address).path
    except ValueError:
        # It is not allowed either.
        path = ""
    return Item(address, _mark(changed[:100]), is_picture(unquote(path)))


def _mark(changed: str) -> str:
    """ "": the day may go on somewhere, and what changes later on it will have the same date."""
    day = _DAY.fullmatch(changed)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    return "" if day and day[1] >= yesterday[: len(day[1])] else changed


def _filename(address: str, content_type: str) -> str:
    """Such that it can be shown, and its ending says what it is, where the server does."""
    parts = urlsplit(address)
    shown, _ = visible(PurePosixPath(unquote(parts.path)).name)
    name = on_one_line(shown) or parts.hostname or "page"
    suffix = _SUFFIXES.get(content_type.partition(";")[0].strip().lower(), "")
    return name if not suffix or named_type(name) == named_type(f"a{suffix}") else f"{name}{suffix}"


def _validator(etag: str, changed: str) -> str:
    """Without what can neither be kept nor sent back."""
    etag, changed = (header if header.isprintable() else "" for header in (etag, changed))
    return f"{etag}\n{changed}" if etag or changed else ""


def _conditions(validator: str) -> Mapping[str, str]:
    etag, _, changed = validator.partition("\n")
    named = {"If-None-Match": etag, "If-Modified-Since": changed}
    return {name: value for name, value in named.items() if value}

"""A bucket of an S3 server (Amazon's, MinIO or another): its objects as they are now, by their keys below a prefix.

botocore signs what is asked, and `fetching` asks it (T54): botocore's own client would follow redirects, take its proxy
and its endpoint from the environment, and ask the machine's metadata service for credentials.
"""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import IO, ClassVar, Final, Self
from urllib.parse import quote, unquote_plus, urlencode

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.parsing.characters import on_one_line, visible
from kbchat.sources.access_file import ACCESS_FILE, MOST_ACCESS_BYTES, Permissions, permissions_in
from kbchat.sources.addresses import Target, allowed_target
from kbchat.sources.answered_xml import root_of, text_in
from kbchat.sources.choosing import is_passed_over, is_picture
from kbchat.sources.copying import copy_bounded
from kbchat.sources.fetching import Reply, fetched, require_whole
from kbchat.sources.port import Fetched, Item, Listing, Place, Surroundings
from kbchat.sources.refusing import too_large, too_many_items

_ENDPOINT: Final = "endpoint"
_BUCKET: Final = "bucket"
_PREFIX: Final = "prefix"
_REGION: Final = "region"
_STYLE: Final = "style"
_ACCESS_KEY: Final = "access_key"
_SECRET_KEY: Final = "secret_key"  # noqa: S105 (a field's name)
_STYLES: Final = {"", "path", "host"}
_BUCKET_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]")
_REGION_NAME: Final = re.compile(r"[a-z0-9-]{1,40}")
_UNSAID_REGION: Final = "us-east-1"
_PAGE_SECONDS: Final = 60.0
_OBJECT_SECONDS: Final = 300.0
_MOST_PAGE_BYTES: Final = 16 * 1024 * 1024
_MOST_PAGES: Final = 2000
_MOST_ETAG_CHARACTERS: Final = 100
_UNRESERVED: Final = "-_.~"


@dataclass(frozen=True, slots=True)
class _Page:
    """Of a listing. `following`: by which the next one is asked for; "": this is the last."""

    objects: list[tuple[str, str, int]]
    following: str


class BucketSource:
    """`style` "path": the bucket is the first part of an address's path; "host": of its host."""

    mirrors: ClassVar[bool] = True
    knows_readers: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, bool]] = {
        _ENDPOINT: True,
        _BUCKET: True,
        _PREFIX: False,
        _REGION: False,
        _STYLE: False,
        _ACCESS_KEY: False,
        _SECRET_KEY: False,
    }
    secrets: ClassVar[frozenset[str]] = frozenset({_ACCESS_KEY, _SECRET_KEY})

    def __init__(self, place: Place, target: Target, surroundings: Surroundings) -> None:
        bucket, inner = place[_BUCKET], place.get(_PREFIX, "").strip("/")
        if place.get(_STYLE) == "host":
            target = replace(target, host=f"{bucket}.{target.host}")
            self._root = f"{target.origin}/"
        else:
            self._root = f"{target.origin}/{bucket}/"
        self._prefix = f"{inner}/" if inner else ""
        self._region = place.get(_REGION) or _UNSAID_REGION
        key, secret = place.get(_ACCESS_KEY, ""), place.get(_SECRET_KEY, "")
        self._credentials = Credentials(key, secret) if key else None
        # Nothing else is asked, whatever is open besides.
        self._surroundings = replace(surroundings, origins=frozenset({target.origin}))

    @classmethod
    def at(cls, place: Place, surroundings: Surroundings) -> Self:
        target = allowed_target(place[_ENDPOINT], surroundings)
        is_whole = (
            target.path == "/"
            and _BUCKET_NAME.fullmatch(place[_BUCKET])
            and ".." not in place[_BUCKET]
            and _REGION_NAME.fullmatch(place.get(_REGION) or _UNSAID_REGION)
            and place.get(_STYLE, "") in _STYLES
            and bool(place.get(_ACCESS_KEY)) == bool(place.get(_SECRET_KEY))
        )
        if not is_whole:
            raise Invalid("source_place_incomplete")
        return cls(place, target, surroundings)

    def listing(self, known_revision: str) -> Listing | None:
        items: list[Item] = []
        passed_over, most, following = 0, self._surroundings.most_items, ""
        for _ in range(_MOST_PAGES):
            try:
                page = self._page(following)
            except KbchatError:
                if not following:
                    raise
                # Nothing follows from what stands on pages that were not read.
                break
            for path, mark in self._things(page):
                if _is_passed_over(path):
                    passed_over += 1
                elif len(items) == most:
                    raise too_many_items(most)
                else:
                    items.append(Item(path, mark, is_picture(path)))
            if not page.following:
                return Listing(items, passed_over)
            following = page.following
        return Listing(items, passed_over, is_complete=False)

    def glimpse(self, seconds: float) -> bool | None:
        page = self._page("", seconds=seconds)
        if any(self._may_be_document(path) for path, _ in self._things(page)):
            return True
        return None if page.following else False

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        name, most = _filename(item.path), self._surroundings.most_bytes
        etag, _, size = item.mark.rpartition("-")
        if size and int(size) > most:
            raise too_large(name, most)
        # Who may read it was asked of what was listed: newer bytes wait for the next run.
        headers = {"If-Match": etag} if etag else {}
        with self._asked(self._address(item.path), _OBJECT_SECONDS, _OF_AN_OBJECT, headers) as reply:
            copy_bounded(reply.body.read, into, filename=name, most_bytes=most)
            require_whole(reply, into)
        return Fetched(name)

    def permissions(self) -> Permissions:
        content = io.BytesIO()
        with self._asked(self._address(ACCESS_FILE), _PAGE_SECONDS, _OF_THE_ACCESS_FILE) as reply:
            copy_bounded(reply.body.read, content, filename=ACCESS_FILE, most_bytes=MOST_ACCESS_BYTES)
            require_whole(reply, content)
        return permissions_in(content.getvalue())

    def close(self) -> None:
        """Nothing is held."""

    def _may_be_document(self, path: str) -> bool:
        is_read = self._surroundings.reads_pictures or not is_picture(path)
        return is_read and not _is_passed_over(path)

    def _address(self, path: str) -> str:
        return self._root + quote(self._prefix + path, safe=f"/{_UNRESERVED}")

    def _things(self, page: _Page) -> Iterator[tuple[str, str]]:
        """Path and mark of each; but not what browsers of buckets make to show an empty folder."""
        for key, etag, size in page.objects:
            path = key.removeprefix(self._prefix)
            if path and not path.endswith("/"):
                yield path, _mark(etag, size)

    def _page(self, following: str, *, seconds: float = _PAGE_SECONDS) -> _Page:
        asked = {"encoding-type": "url", "list-type": "2", "prefix": self._prefix}
        if following:
            asked["continuation-token"] = following
        query = urlencode(sorted(asked.items()), quote_via=quote, safe=_UNRESERVED)
        content = io.BytesIO()
        with self._asked(f"{self._root}?{query}", seconds, _OF_A_LISTING) as reply:
            copy_bounded(reply.body.read, content, filename="listing", most_bytes=_MOST_PAGE_BYTES)
            require_whole(reply, content)
        return _parsed(content.getvalue())

    @contextmanager
    def _asked(
        self,
        address: str,
        seconds: float,
        reasons: Mapping[int, KbchatError],
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Reply]:
        """`reasons`: what it means when the server answers with a status. No redirect is followed: what was signed is
        for this server."""
        signed = self._signed(address, headers or {})
        try:
            with fetched(
                address, self._surroundings, seconds=seconds, headers=signed, most_redirects=0
            ) as reply:
                yield reply
        except Invalid as error:
            status = error.facts.get("status")
            if isinstance(status, int) and status in reasons:
                known = reasons[status]
                raise type(known)(known.code) from error
            raise

    def _signed(self, address: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        request = AWSRequest("GET", address, headers=dict(headers))
        if self._credentials is not None:
            S3SigV4Auth(self._credentials, "s3", self._region).add_auth(request)
        return dict(request.headers.items())


_OF_A_LISTING: Final = {
    401: Invalid("source_credentials_refused"),
    403: Invalid("source_credentials_refused"),
    404: Invalid("source_bucket_missing"),
}
_OF_AN_OBJECT: Final = {
    403: Unavailable("source_file_unreadable"),
    404: Unavailable("source_changed_meanwhile"),
    412: Unavailable("source_changed_meanwhile"),
}
_OF_THE_ACCESS_FILE: Final = {404: Invalid("source_access_missing")}


def _parsed(content: bytes) -> _Page:
    """Raises Unavailable for what is no page of a listing: nothing follows from it."""
    try:
        root = root_of(content)
        objects = [
            (
                unquote_plus(text_in(each, "Key"), errors="strict"),
                text_in(each, "ETag"),
                int(text_in(each, "Size")),
            )
            for each in root.iterfind("{*}Contents")
        ]
    except ValueError as error:
        raise Unavailable("source_listing_unusable") from error
    following = text_in(root, "NextContinuationToken")
    is_truncated = text_in(root, "IsTruncated")
    if is_truncated not in ("true", "false") or (is_truncated == "true") != bool(following):
        raise Unavailable("source_listing_unusable")
    return _Page(objects, following)


def _is_passed_over(path: str) -> bool:
    *folders, name = path.split("/")
    return is_passed_over(folders, name)


def _mark(etag: str, size: int) -> str:
    """ "": nothing tells whether it has changed."""
    is_usable = etag and etag.isprintable() and len(etag) <= _MOST_ETAG_CHARACTERS
    return f"{etag}-{size}" if is_usable else ""


def _filename(path: str) -> str:
    """Such that it can be shown."""
    shown, _ = visible(PurePosixPath(path).name)
    return on_one_line(shown) or "object"

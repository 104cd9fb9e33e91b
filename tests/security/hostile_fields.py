"""Requests and commands in which one field after another holds what no field should hold (T7).

They are made from what `filling` fills in, so a new field is tried as soon as it is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.security.filling import Known, Request, Route

TEXTS: Final = (
    "x' or '1'='1",
    '{"_connector":"OR 1=1 OR"}',
    "$ne",
    "collection__name__contains",
    "%' OR '' LIKE '%",
    "%s {0} \u202egnp.exe\u2066",
    "a\0b",
    "half \ud83d of a pair",
    "x" * 65_536,
)
THINGS: Final = (
    None,
    2**70,
    float("nan"),
    ["x", "x"],
    {"$ne": None},
    {"_connector": "OR 1=1 OR", "pk__isnull": False},
)
"""In place of a text or a number."""
STRANGE_KEYS: Final = ("_connector", "owner_id")
_FOREIGN: Final = {"credential"}
"""What a browser writes as WebAuthn says: keys that it has besides are no affair of ours."""
_TOO_DEEP: Final = "[" * 100_000


def hostile_requests(route: Route, known: Known) -> Iterator[Request]:
    """Each with one field spoiled, all others as they should be."""
    whole = [*route.requests(known)][-1]
    address, _, query = whole.path.partition("?")
    for name in route.ids:
        for text in TEXTS:
            path = route.path.replace(f"{{{name}}}", quote(text, safe="", errors="surrogatepass"))
            yield replace(whole, path=path.format_map(_Quoted(known)))
    fields = parse_qsl(query)
    for number, (name, _) in enumerate(fields):
        for text in TEXTS:
            spoiled = [*fields[:number], (name, text), *fields[number + 1 :]]
            yield replace(whole, path=f"{address}?{urlencode(spoiled, errors='surrogatepass')}")
    if whole.body is not None:
        yield from (replace(whole, body=body) for body in spoiled_values(whole.body))
        yield replace(whole, body=_TOO_DEEP)
    for name, value in whole.files.items():
        yield from (replace(whole, files=whole.files | {name: one}) for one in _spoiled_part(value))


def strange_requests(route: Route, known: Known) -> Iterator[Request]:
    """Each with a key that nobody knows."""
    whole = [*route.requests(known)][-1]
    if whole.body is not None:
        yield from (replace(whole, body=body) for body in _widened(whole.body))
    for key in STRANGE_KEYS if whole.files else ():
        yield replace(whole, files=whole.files | {key: "x"})


def spoiled_values(value: Any) -> Iterator[Any]:
    """Copies in which one leaf after another is spoiled."""
    match value:
        case dict():
            for name, each in value.items():
                yield from (value | {name: spoiled} for spoiled in (*spoiled_values(each), *THINGS))
        case list():
            for number, each in enumerate(value):
                yield from (
                    [*value[:number], spoiled, *value[number + 1 :]] for spoiled in spoiled_values(each)
                )
        case _:
            yield from (*TEXTS, *THINGS)


def _widened(value: Any) -> Iterator[Any]:
    """Copies of an object with one key more, in itself or in one below it that is ours."""
    if isinstance(value, Mapping):
        yield from ({**value, key: "x"} for key in STRANGE_KEYS)
        for name, each in value.items():
            if name not in _FOREIGN:
                yield from ({**value, name: wider} for wider in _widened(each))


def _spoiled_part(value: Any) -> Iterator[Any]:
    """Of a form: another text, or another name of the file. A form is UTF-8: it has no half pairs."""
    texts = [text for text in TEXTS if "\ud83d" not in text]
    match value:
        case [bytes() as content] | (bytes() as content):
            yield from (SimpleUploadedFile(f"{text}.md", content) for text in texts)
            yield "no file"
        case _:
            yield from texts


class _Quoted(dict[str, str]):
    """Ids by their names, and what is no id as it stands."""

    def __init__(self, known: Known) -> None:
        super().__init__({name: quote(str(value), safe="") for name, value in known.items()})

    def __missing__(self, name: str) -> str:
        return "guessed"

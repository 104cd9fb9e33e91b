"""Requests and commands made from their own schemas: whatever the API or the socket takes is filled in and tried.

A field that nobody gave a value here is an error with its name, so that nothing new goes untried.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kbchat.web.http.api import api
from kbchat.web.ws.protocol import COMMANDS
from tests.security.canaries import SEARCHED

Ids = dict[str, str]
"""By the names that the API and the socket give to them."""
Known = Mapping[str, Any]
Schema = Mapping[str, Any]
_PREFIX: Final = "/api/v1"

VALUES: Final[dict[str, Any]] = {
    "q": SEARCHED,
    "dense_weight": 0.9,
    "temperature": 0.1,
    "reranker": False,
    "question": "What is the vault code of the board?",
    "limit": 50,
    "after": 0,
    "quotes_only": False,
    "is_temporary": False,
    "days": 7,
    "start": 0,
    "end": 50,
    "before": 2**40,
    "since": "2020-01-01T00:00:00Z",
    "until": "2099-01-01T00:00:00Z",
    "title": "Mine",
    "name": "Mine",
    "names": ["Mine", "My own"],
    "kinds": ["markdown", "pdf"],
    "expected_words": ["Mine"],
    "description": "My own",
    "folder": "/srv/documents",
    "url": "",
    "branch": "",
    "sitemap": "",
    "endpoint": "",
    "bucket": "",
    "prefix": "",
    "region": "",
    "access_key": "",
    "secret_key": "",
    "expression": "0 2 * * *",
    "time_zone": "Europe/Berlin",
    "items": [1],
    "task": "golden_questions",
    "page": 1,
    "encoder": "",
    "instead_of": 1,
    "reason": "Mine",
    "password": "correct horse battery",
    "next_path": "/library",
    "token": "guessed",
    "sealed": "guessed",
    "encoding": "gb18030",
    "may_be_known": False,
    "language": "en",
    "expires_at": (timezone.now() + timedelta(days=1)).isoformat(),
    "effective_from": "2025-01-01",
    "expires_on": "2099-01-01",
    "as_of": "2099-01-01",
    "is_silenced": False,
    "removed_days": 7,
    "expired_days": 30,
    "files": b"# Note\n\nA sentence.\n",
    "is_helpful": False,
    "comment": "Mine",
    "is_handed_over": True,
    "may_be_named": True,
    "is_pinned": True,
    "is_active": True,
    "is_administrator": False,
    "is_auditor": False,
    "file": b"# Note\n\nAnother sentence.\n",
}
"""What is sent by the name of its field. Ids come from the world, and the e-mail is the person's own."""
_SAME_ID: Final = {
    "collection": "collection_id",
    "collection_ids": "collection_id",
    "document": "document_id",
    "document_ids": "document_id",
    "parent_turn_id": "turn_id",
    "actor": "id",
    "assignee_id": "person_id",
    "other_version_id": "version_id",
    "group_ids": "group_id",
    "reader_group_ids": "group_id",
    "lets_go": "run_id",
}


class Unknown(AssertionError):
    """The leakage tests do not know what to send here."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Any = None
    files: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Route:
    """`path` as the document has it, with the names of its parameters."""

    method: str
    path: str
    operation: Schema = field(hash=False)
    parts: Schema = field(hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix(_PREFIX)}"

    @property
    def parameters(self) -> list[Schema]:
        return [*self.operation.get("parameters", ())]

    @property
    def ids(self) -> list[str]:
        return [each["name"] for each in self.parameters if each["in"] == "path"]

    def requests(self, known: Known) -> Iterator[Request]:
        """With what is needed alone, and with everything that may be sent."""
        yield self._request(known, whole=False)
        yield self._request(known, whole=True)

    def _request(self, known: Known, *, whole: bool) -> Request:
        filling = Filling(str(self), VALUES | dict(known), self.parts, whole)
        query, path = [], self.path
        for each in self.parameters:
            if each["in"] == "path":
                path = path.replace(f"{{{each['name']}}}", filling.id(each["name"]))
            elif each["in"] == "query":
                if whole or each.get("required"):
                    query.append((each["name"], filling.value(each["name"], each["schema"])))
            else:
                raise Unknown(f"{self}: a parameter in {each['in']}")
        address = f"{path}?{urlencode(query, doseq=True)}" if query else path
        return Request(self.method, address, **self._content(filling))

    def _content(self, filling: "Filling") -> dict[str, Any]:
        content = self.operation.get("requestBody", {}).get("content", {})
        match list(content):
            case []:
                return {}
            case ["application/json"]:
                return {"body": filling.value("body", content["application/json"]["schema"])}
            case ["multipart/form-data"]:
                return {"files": filling.value("body", content["multipart/form-data"]["schema"])}
        raise Unknown(f"{self}: a body of {list(content)}")


@dataclass(frozen=True)
class Filling:
    """`parts`: the schemas that others refer to. `whole`: with what may be left out, too."""

    where: str
    known: Known
    parts: Schema
    whole: bool

    def id(self, name: str) -> str:
        if name not in self.known:
            raise Unknown(f"{self.where}: what is {name}?")
        return str(self.known[name])

    def value(self, name: str, schema: Schema) -> Any:
        if "$ref" in schema:
            return self.value(name, self.parts[schema["$ref"].rpartition("/")[2]])
        for several in ("anyOf", "allOf"):
            if several in schema:
                chosen = next(each for each in schema[several] if each.get("type") != "null")
                return self.value(name, chosen)
        if "const" in schema or "enum" in schema:
            return schema.get("const") or schema["enum"][0]
        if schema.get("type") == "object":
            return self._fields(schema)
        if schema.get("type") == "array":
            listed = self.known.get(name)
            return listed if isinstance(listed, list) else [self.value(name, schema["items"])]
        if schema.get("format") == "uuid":
            return self.id(_SAME_ID.get(name, name))
        if name not in self.known:
            raise Unknown(f"{self.where}: what is {name}?")
        return self.known[name]

    def _fields(self, schema: Schema) -> dict[str, Any]:
        needed = schema.get("required", ())
        return {
            name: self.value(name, each)
            for name, each in schema.get("properties", {}).items()
            if self.whole or name in needed
        }


def routes() -> list[Route]:
    """Every operation of the API's document, and HEAD beside every GET (T24)."""
    document = api.get_openapi_schema(path_prefix=f"{_PREFIX}/")
    parts = document["components"]["schemas"]
    found = [
        Route(method, path, operation, parts)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return found + [Route("head", each.path, each.operation, parts) for each in found if each.method == "get"]


def commands() -> list[str]:
    """The types of everything that a socket takes."""
    return sorted(COMMANDS.json_schema()["discriminator"]["mapping"])


def filled_commands(kind: str, known: Known) -> list[str]:
    """The command's frames: with what is needed alone, and with everything that may be sent."""
    schema = COMMANDS.json_schema()
    reference = {"$ref": schema["discriminator"]["mapping"][kind]}
    told = [
        Filling(kind, VALUES | dict(known), schema["$defs"], whole).value(kind, reference)
        for whole in (False, True)
    ]
    # What a command is has a default in its schema, and is needed all the same.
    return [json.dumps({"type": kind, **each}) for each in told]


def uploaded(files: Mapping[str, Any]) -> dict[str, Any]:
    """The form as Django's client takes it: bytes become a file."""

    def each(value: Any) -> Any:
        if isinstance(value, list):
            return [each(one) for one in value]
        return SimpleUploadedFile("note.md", value) if isinstance(value, bytes) else value

    return {name: each(value) for name, value in files.items()}


def fresh_ids() -> Ids:
    """Such as a client makes for itself."""
    return {"client_message_id": str(uuid4())}

"""The wire's shapes as one document: what the HTTP API and the websocket send and take.

From it the page's types are made (frontend: `npm run types`). The API's addresses are not in it: a server tells them at
/api/v1/openapi.json.
"""

from typing import Any

from pydantic import TypeAdapter

from kbchat.answering.events import AnswerEvent
from kbchat.web.http.api import api
from kbchat.web.ws.protocol import COMMANDS, FRAMES

_REFERENCE = "#/components/schemas/{model}"
_EVENTS: TypeAdapter[AnswerEvent] = TypeAdapter(AnswerEvent)


def wire_schema() -> dict[str, Any]:
    document: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    schemas: dict[str, Any] = dict(document["components"]["schemas"])
    schemas |= _named("AnswerEvent", _EVENTS, "serialization")
    schemas |= _named("ClientCommand", COMMANDS, "validation")
    schemas |= _named("ServerFrame", FRAMES, "serialization")
    return {
        "openapi": document["openapi"],
        "info": {"title": "kbchat", "version": document["info"]["version"]},
        "paths": {},
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _named(name: str, adapter: TypeAdapter[Any], mode: Any) -> dict[str, Any]:
    """The union under `name`, with everything that it is made of."""
    schema = adapter.json_schema(ref_template=_REFERENCE, mode=mode)
    parts: dict[str, Any] = schema.pop("$defs")
    return parts | {name: schema}

"""Whether a websocket's handshake comes from our own page: scheme, host and port together (D6, T25).

A browser always says where it comes from; whoever says nothing is no browser, and then only an API key will do.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from kbchat.web.authentication import Credential, api_key_of


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """By names written as in `Authorization`; of several of one name, the last."""
    return {name.decode("latin-1").title(): value.decode("latin-1") for name, value in scope["headers"]}


def credential_of(headers: Mapping[str, str]) -> Credential:
    key = api_key_of(headers)
    return Credential(api_key=key) if key else Credential(session_key=_cookie(headers.get("Cookie", "")))


def comes_from_us(headers: Mapping[str, str], origins: Iterable[str]) -> bool:
    origin = headers.get("Origin")
    if origin is None:
        return bool(api_key_of(headers))
    return origin.lower() in {known.lower().rstrip("/") for known in origins}


def _cookie(header: str) -> str:
    """The session's key, or ""."""
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == settings.SESSION_COOKIE_NAME:
            return value
    return ""

"""Whether a websocket's handshake comes from our own page: scheme, host and port together (D6, T25).

A browser always says where it comes from; whoever says nothing is no browser, and then only an API key will do.
"""

from collections.abc import Iterable, Mapping

from kbchat.web.authentication import api_key_of


def comes_from_us(headers: Mapping[str, str], origins: Iterable[str]) -> bool:
    origin = headers.get("Origin")
    if origin is None:
        return bool(api_key_of(headers))
    return origin.lower() in {known.lower().rstrip("/") for known in origins}

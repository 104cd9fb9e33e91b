"""The openai package's errors, translated at the adapters' edge, and the few that are worth another try.

Known to the OpenAI-compatible adapters alone. A server's own words never leave this file: they may quote a
prompt.
"""

import logging
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import openai

from kbchat.core.deadline import Deadline
from kbchat.inference.jitter import jittered
from kbchat.inference.ports import ModelUnavailable

_log = logging.getLogger(__name__)

# Retried: a server that is busy (429, 503), before it has written anything. Nothing else.
ATTEMPTS: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 5.0

_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_GATEWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}


def reason_of(error: Exception) -> ModelUnavailable.Reason:
    """The cause of an error of the openai package, of its transport or of decoding what it read."""
    reason = ModelUnavailable.Reason
    match error:
        case openai.APITimeoutError() | TimeoutError():
            return reason.TIMED_OUT
        case openai.APIConnectionError():
            return reason.UNREACHABLE
        case openai.APIStatusError(status_code=status):
            _log.warning("the model's server answered with status %s", status)
            if status in _BUSY:
                return reason.BUSY
            if status in _GATEWAY:
                return reason.UNREACHABLE
            return reason.BROKEN_ANSWER if status >= HTTPStatus.INTERNAL_SERVER_ERROR else reason.REFUSED
        case _:
            return reason.BROKEN_ANSWER


def pause_before_retry(
    error: Exception, attempt: int, deadline: Deadline, attempts: int = ATTEMPTS
) -> float | None:
    """Seconds to wait before attempt `attempt` + 1 of `attempts` (counted from 1), or None when it is not worth
    another.

    The server's Retry-After is followed up to five seconds; otherwise the pause doubles. With jitter.
    """
    if attempt >= attempts or reason_of(error) is not ModelUnavailable.Reason.BUSY:
        return None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, openai.APIStatusError) else ""
    pause = float(asked) if asked.isdigit() else _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
    pause = jittered(min(pause, _LONGEST_PAUSE_SECONDS))
    return pause if pause < deadline.remaining_seconds else None


def server_root(base_url: str) -> str:
    """Where vLLM has what stands beside the API: the address without its version."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")))

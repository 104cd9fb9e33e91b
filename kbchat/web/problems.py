"""The one place where what went wrong becomes what a person is told: a status and {code, message, next_step}."""

from collections.abc import Mapping

from pydantic import BaseModel

from kbchat.core.errors import Busy, Conflict, Invalid, KbchatError, NotAllowed, NotFound, Unavailable
from kbchat.sentences import Fact, say

_STATUS_OF_CAUSE: list[tuple[type[KbchatError], int]] = [
    (NotFound, 404),
    (NotAllowed, 403),
    (Invalid, 400),
    (Conflict, 409),
    (Busy, 429),
    (Unavailable, 503),
]
_STATUS_OF_CODE = {
    "signed_out": 401,
    "wrong_credentials": 401,
    "too_large": 413,
    "request_too_large": 413,
    "too_many_files": 413,
    "range_outside": 416,
    "too_many_files_in_archive": 413,
    "invalid_request": 422,
    "method_not_allowed": 405,
    "storage_full": 507,
    "database_full": 507,
}


class SignedOut(KbchatError):
    """Nobody: no session and no key, or one that is no longer valid."""

    code = "signed_out"


class Problem(BaseModel):
    """What went wrong, in the reader's language. `next_step` may be empty."""

    code: str
    message: str
    next_step: str


class Refusal(Problem):
    """Problem of one file among several."""

    filename: str


def problem(code: str, facts: Mapping[str, Fact], language: str) -> Problem:
    message, next_step = say(code, facts, language)
    return Problem(code=code, message=message, next_step=next_step)


def problem_of(error: KbchatError, language: str) -> Problem:
    return problem(error.code, error.facts, language)


def status_of(error: KbchatError) -> int:
    by_cause = next((status for cause, status in _STATUS_OF_CAUSE if isinstance(error, cause)), 500)
    return _STATUS_OF_CODE.get(error.code, by_cause)

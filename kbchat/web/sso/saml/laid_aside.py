"""Verified answers, between the moment in which a browser posts one and the moment in which it comes for it.

In Redis, by a ticket that is no proof of anything: whose answer it is, the one who takes it asks.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, cast

import redis

from kbchat.audit.recording import digest
from kbchat.core.errors import Unavailable
from kbchat.web.attempts import redis_client
from kbchat.web.sso.proofs import ProofRefused
from kbchat.web.sso.saml.assertion import Assertion

KEPT_SECONDS: Final = 60
"""A redirect takes a moment."""


def lay_aside(ticket: str, assertion: Assertion) -> None:
    """Raises Unavailable."""
    written = json.dumps(asdict(assertion) | {"good_until": assertion.good_until.isoformat()})
    try:
        redis_client().set(_key(ticket), written, ex=KEPT_SECONDS)
    except redis.RedisError as error:
        raise Unavailable("sso_unavailable") from error


def take(ticket: str) -> Assertion:
    """Once. Raises ProofRefused, Unavailable."""
    try:
        written = cast("bytes | None", redis_client().getdel(_key(ticket)))
    except redis.RedisError as error:
        raise Unavailable("sso_unavailable") from error
    if written is None:
        raise ProofRefused(reason="nothing laid aside")
    kept: dict[str, Any] = json.loads(written)
    attributes = {name: tuple(values) for name, values in kept.pop("attributes").items()}
    return Assertion(
        **kept | {"good_until": datetime.fromisoformat(kept["good_until"])}, attributes=attributes
    )


def _key(ticket: str) -> str:
    return f"saml-answer:{digest(ticket)}"

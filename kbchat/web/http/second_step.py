"""Finishing a sign-in with a second factor, signing in with a passkey alone, and showing again who one is."""

from typing import Annotated, Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from kbchat.accounts.factors import FactorKind, failed, has_factor, use_code
from kbchat.accounts.models import ChallengePurpose, User
from kbchat.accounts.open_sessions import note_proof
from kbchat.accounts.passkeys import ask_to_sign, use_passkey
from kbchat.accounts.pending_sign_ins import finish_pending
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.errors import NotAllowed
from kbchat.web import shapes
from kbchat.web.attempts import counted_attempt
from kbchat.web.factor_shapes import PasskeyOptions
from kbchat.web.http.credentials import WITHOUT_FACTOR, ViewerRequest, require_csrf_token
from kbchat.web.http.session import session_shown
from kbchat.web.second_factors import session_key_for_challenge, site_of, waiting_person
from kbchat.web.signing_in import sign_in

router = Router()


class Code(shapes.Body):
    """Of an authenticator app, or a recovery code."""

    code: Annotated[str, Field(max_length=100)]


class PasskeyAnswer(shapes.Body):
    """`credential`: what the browser made of the options, as JSON."""

    credential: dict[str, Any]


class Proof(shapes.Body):
    """`code`: "" where he has no second factor."""

    password: Annotated[str, Field(max_length=1000)]
    code: Annotated[str, Field(max_length=100)]


@router.post("/session/code", auth=None, response=shapes.Session)
def sign_in_with_code(request: HttpRequest, shown: Code) -> dict[str, Any]:
    """After the password (`POST /session` answered 202)."""
    require_csrf_token(request)
    person = waiting_person(request)
    if person is None:
        raise NotAllowed("sign_in_ended")
    with counted_attempt(person.email, _address(request)):
        kind = use_code(person, shown.code)
        if kind is None:
            raise NotAllowed("wrong_code")
    return _finished(request, person, kind)


@router.post("/session/passkey/options", auth=None, response=PasskeyOptions)
def ask_for_passkey(request: HttpRequest) -> dict[str, Any]:
    """After the password, for one of his passkeys; otherwise for anybody's."""
    require_csrf_token(request)
    site = site_of(request)
    person = waiting_person(request)
    key = session_key_for_challenge(request)
    return {"options": ask_to_sign(site, key, ChallengePurpose.SIGN_IN, person)}


@router.post("/session/passkey", auth=None, response=shapes.Session)
def sign_in_with_passkey(request: HttpRequest, shown: PasskeyAnswer) -> dict[str, Any]:
    require_csrf_token(request)
    waiting, key = waiting_person(request), request.session.session_key or ""
    with counted_attempt(waiting.email if waiting else "", _address(request)):
        try:
            passkey = use_passkey(site_of(request), key, ChallengePurpose.SIGN_IN, shown.credential, waiting)
        except NotAllowed:
            _note_failure(waiting)
            raise
    person: User = passkey.user
    if waiting is not None:
        return _finished(request, person, "passkey")
    sign_in(request, person, factor="passkey")
    return session_shown(request, person)


@router.post("/session/proof", auth=WITHOUT_FACTOR, response={204: None})
def prove(request: ViewerRequest, proof: Proof) -> Status[None]:
    """Who he is, again: before his second factors are changed."""
    person = request.person
    with counted_attempt(person.email, _address(request)):
        found = authenticate(request, email=person.email, password=proof.password)
        if found != person or (has_factor(person) and use_code(person, proof.code) is None):
            raise NotAllowed("wrong_proof")
    note_proof(request.session.session_key or "")
    return Status(204, None)


@router.post("/session/proof/passkey/options", auth=WITHOUT_FACTOR, response=PasskeyOptions)
def ask_for_proof(request: ViewerRequest) -> dict[str, Any]:
    key = request.session.session_key or ""
    return {"options": ask_to_sign(site_of(request), key, ChallengePurpose.CONFIRM, request.person)}


@router.post("/session/proof/passkey", auth=WITHOUT_FACTOR, response={204: None})
def prove_with_passkey(request: ViewerRequest, shown: PasskeyAnswer) -> Status[None]:
    person, key = request.person, request.session.session_key or ""
    try:
        use_passkey(site_of(request), key, ChallengePurpose.CONFIRM, shown.credential, person)
    except NotAllowed:
        failed(person, "passkey")
        raise
    note_proof(key)
    return Status(204, None)


def _finished(request: HttpRequest, person: User, kind: FactorKind) -> dict[str, Any]:
    """Raises NotAllowed("sign_in_ended") where another request was first."""
    if not finish_pending(request.session.session_key or ""):
        raise NotAllowed("sign_in_ended")
    sign_in(request, person, factor=kind)
    return session_shown(request, person)


def _note_failure(waiting: User | None) -> None:
    if waiting is not None:
        failed(waiting, "passkey")
    else:
        record(None, AuditAction.SIGN_IN_FAILED)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))

"""A person's own second factors and passkeys. Only a session manages them, and not without a proof that is fresh."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.accounts import factors
from kbchat.accounts.authenticator_app import offer_app
from kbchat.accounts.open_sessions import is_proved
from kbchat.accounts.passkeys import ask_to_add
from kbchat.sentences.letters import FactorChange
from kbchat.web import factor_shapes, shapes
from kbchat.web.http.credentials import WITHOUT_FACTOR, ViewerRequest
from kbchat.web.mailing import tell_of_factor
from kbchat.web.qr_code import qr_path
from kbchat.web.second_factors import find_site, require_proof, site_of
from kbchat.web.ws.ending import announce_end

router = Router(auth=WITHOUT_FACTOR)


class AppCode(shapes.Body):
    """`sealed`: as it was offered. `code`: the app's first."""

    sealed: Annotated[str, Field(max_length=1000)]
    code: Annotated[str, Field(max_length=100)]


class NewPasskey(shapes.Body):
    """`credential`: what the browser made of the options, as JSON."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    credential: dict[str, Any]


@router.get("/factors", response=factor_shapes.Factors)
def read_factors(request: ViewerRequest) -> dict[str, Any]:
    person = request.person
    has = factors.factors_of(person)
    return {
        "app": has.app,
        "passkeys": has.passkeys,
        "codes_left": has.codes_left,
        "is_allowed": person.has_usable_password(),
        "takes_passkeys": find_site(request) is not None,
        "is_proved": is_proved(_key(request)),
    }


@router.post("/factors/app/offer", response=factor_shapes.AppOffer)
def offer(request: ViewerRequest) -> dict[str, Any]:
    """A secret for an authenticator app; it is his when he sends its first code, within 15 minutes."""
    require_proof(request)
    offered = offer_app(request.person)
    size, path = qr_path(offered.address)
    return {
        "secret": offered.secret,
        "address": offered.address,
        "sealed": offered.sealed,
        "size": size,
        "path": path,
    }


@router.post("/factors/app", response={201: factor_shapes.NewCodes})
def add_app(request: ViewerRequest, wish: AppCode) -> Status[dict[str, Any]]:
    """His other sessions end. Recovery codes come with a first factor."""
    require_proof(request)
    codes = factors.add_app(request.person, _key(request), wish.sealed, wish.code)
    _changed(request, "app_added")
    return Status(201, {"codes": codes})


@router.delete("/factors/app", response={204: None})
def remove_app(request: ViewerRequest) -> Status[None]:
    """His other sessions end. Recovery codes go with the last factor."""
    require_proof(request)
    factors.remove_app(request.person, _key(request))
    _changed(request, "app_removed")
    return Status(204, None)


@router.post("/factors/codes", response={201: factor_shapes.NewCodes})
def renew_codes(request: ViewerRequest) -> Status[dict[str, Any]]:
    """New recovery codes; the earlier ones are void, and his other sessions end."""
    require_proof(request)
    codes = factors.renew_codes(request.person, _key(request))
    _changed(request, "codes_made")
    return Status(201, {"codes": codes})


@router.post("/factors/passkeys/options", response=factor_shapes.PasskeyOptions)
def ask_for_new_passkey(request: ViewerRequest) -> dict[str, Any]:
    require_proof(request)
    return {"options": ask_to_add(site_of(request), _key(request), request.person)}


@router.post("/factors/passkeys", response={201: factor_shapes.NewCodes})
def add_passkey(request: ViewerRequest, wish: NewPasskey) -> Status[dict[str, Any]]:
    """As with an app."""
    require_proof(request)
    codes = factors.add_named_passkey(
        request.person, _key(request), site_of(request), wish.name, wish.credential
    )
    _changed(request, "passkey_added")
    return Status(201, {"codes": codes})


@router.delete("/factors/passkeys/{uuid:passkey_id}", response={204: None})
def remove_passkey(request: ViewerRequest, passkey_id: UUID) -> Status[None]:
    require_proof(request)
    factors.remove_passkey(request.person, _key(request), passkey_id)
    _changed(request, "passkey_removed")
    return Status(204, None)


def _changed(request: ViewerRequest, change: FactorChange) -> None:
    announce_end(request.person.pk)
    tell_of_factor(request.person, change)


def _key(request: ViewerRequest) -> str:
    return request.session.session_key or ""

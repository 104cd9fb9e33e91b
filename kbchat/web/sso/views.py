"""Where the identity provider sends people, and where it says that somebody has signed out there.

Neither is part of the API: the one is opened by a browser that comes from elsewhere, the other by the provider's
server. Whatever goes wrong on the way in is told by the sign-in page, in the reader's language.
"""

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from kbchat.accounts.identities import Admission, Identity, admit
from kbchat.accounts.models import Language
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.composition import environment
from kbchat.core.errors import KbchatError, NotAllowed
from kbchat.core.typed_text import storable
from kbchat.web.language import reader_language
from kbchat.web.pages import page
from kbchat.web.problems import status_of
from kbchat.web.signing_in import sign_in
from kbchat.web.sso.logout import end_by
from kbchat.web.sso.provider import way_back
from kbchat.web.sso.tokens import Claims, TokenRefused

logger = logging.getLogger(__name__)

_MOST_SUBJECT_CHARACTERS = 191
_MOST_SESSION_CHARACTERS = 255


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    try:
        returned = way_back(request)
        identity = _identity(returned.claims)
        settings = environment()
        admission = Admission(settings.oidc_create_people, settings.oidc_trust_email)
        person = admit(identity, admission, language=Language(reader_language(request)))
    except KbchatError as error:
        return _not_let_in(error)
    sign_in(request, person, issuer=identity.issuer, directory_session=identity.session)
    return HttpResponseRedirect(own_path(returned.next_path))


@csrf_exempt
@require_POST
def back_channel_logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Back-Channel Logout 1.0: the token's signature is the proof of who sends it (T31)."""
    try:
        end_by(request.POST.get("logout_token", ""))
    except TokenRefused as error:
        logger.warning("a logout token was refused: %s", error.reason)
        return JsonResponse({"error": "invalid_request"}, status=HTTPStatus.BAD_REQUEST)
    except KbchatError as error:
        return HttpResponse(status=status_of(error))
    return HttpResponse(headers={"Cache-Control": "no-store"})


def own_path(path: str) -> str:
    """An address of the page itself, or its first one: nobody is sent elsewhere by a link that leads here (T39)."""
    try:
        return path if resolve(path.partition("?")[0]).func is page else "/"
    except Resolver404:
        return "/"


def _not_let_in(error: KbchatError) -> HttpResponse:
    if isinstance(error, TokenRefused):
        logger.warning("a sign-in by the identity provider was refused: %s", error.reason)
    if isinstance(error, NotAllowed):
        record(None, AuditAction.SIGN_IN_FAILED)
    return HttpResponseRedirect(f"/signin?{urlencode({'problem': error.code})}")


def _identity(claims: Claims) -> Identity:
    """Raises TokenRefused for a subject that cannot be kept whole."""
    subject = claims["sub"]
    if not _is_whole(subject) or not 0 < len(subject) <= _MOST_SUBJECT_CHARACTERS:
        raise TokenRefused(reason="sub")
    session = _text(claims.get("sid"))
    return Identity(
        issuer=str(claims["iss"]),
        subject=subject,
        email=_text(claims.get("email")),
        # True itself: some providers say "false".
        email_is_verified=claims.get("email_verified") is True,
        name=_text(claims.get("name")) or _text(claims.get("preferred_username")),
        groups=_groups(claims),
        session=session if len(session) <= _MOST_SESSION_CHARACTERS else "",
    )


def _groups(claims: Claims) -> tuple[str, ...] | None:
    """A claim that is missing, or is no list, names no group: what the provider does not say is taken away."""
    name = environment().oidc_groups_claim
    if not name:
        return None
    named = claims.get(name)
    if isinstance(named, str):
        named = [named]
    return tuple(each for each in named if _is_whole(each)) if isinstance(named, list) else ()


def _is_whole(claim: object) -> bool:
    """Whether it can be kept as it is: shortened or repaired, it might be another's."""
    return isinstance(claim, str) and storable(claim) == claim


def _text(claim: object) -> str:
    return storable(claim) if isinstance(claim, str) else ""

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

from kbchat.accounts.identities import Admission, admit
from kbchat.accounts.models import Language
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.composition import environment
from kbchat.core.errors import KbchatError, NotAllowed
from kbchat.web.language import reader_language
from kbchat.web.pages import page
from kbchat.web.problems import status_of
from kbchat.web.signing_in import sign_in
from kbchat.web.sso.chosen import provider
from kbchat.web.sso.oidc.logout import end_by
from kbchat.web.sso.proofs import ProofRefused

logger = logging.getLogger(__name__)


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    try:
        returned = provider().way_back(request)
        identity = returned.identity
        settings = environment()
        admission = Admission(settings.sso_create_people, settings.sso_trust_email)
        person = admit(identity, admission, language=Language(reader_language(request)))
    except KbchatError as error:
        return not_let_in(error)
    sign_in(request, person, issuer=identity.issuer, directory_session=identity.session)
    return HttpResponseRedirect(own_path(returned.next_path))


@csrf_exempt
@require_POST
def back_channel_logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Back-Channel Logout 1.0: the token's signature is the proof of who sends it (T31)."""
    try:
        end_by(request.POST.get("logout_token", ""))
    except ProofRefused as error:
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


def not_let_in(error: KbchatError) -> HttpResponse:
    if isinstance(error, ProofRefused):
        logger.warning("a sign-in by the identity provider was refused: %s", error.reason)
    if isinstance(error, NotAllowed):
        record(None, AuditAction.SIGN_IN_FAILED)
    return HttpResponseRedirect(f"/signin?{urlencode({'problem': error.code})}")

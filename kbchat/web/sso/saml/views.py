"""The addresses that a SAML provider is given: where it posts its answers and its orders, and what we are.

What it sends comes from its own site and without our cookies: the signature inside is the proof, and the token against
forged requests has nothing to guard here.
"""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kbchat.core.errors import KbchatError, NotFound
from kbchat.web.problems import status_of
from kbchat.web.sso.proofs import ProofRefused
from kbchat.web.sso.saml.logout import obey
from kbchat.web.sso.saml.metadata import known_provider, own_metadata
from kbchat.web.sso.saml.provider import receive
from kbchat.web.sso.views import not_let_in

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def assertion_consumer(request: HttpRequest) -> HttpResponse:
    try:
        return HttpResponseRedirect(receive(request))
    except KbchatError as error:
        return not_let_in(error)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    try:
        return HttpResponseRedirect(obey(request))
    except ProofRefused as error:
        logger.warning("an order to sign out was refused: %s", error.reason)
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    except KbchatError as error:
        return HttpResponse(status=status_of(error))


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Anybody may read it: it holds our addresses and no secret."""
    try:
        known_provider()
    except NotFound as error:
        return HttpResponse(status=status_of(error))
    return HttpResponse(own_metadata(), content_type="application/samlmetadata+xml")

"""The addresses that a SAML provider is given: where it posts its answers, and what we are.

What it posts comes from its own site and without our cookies: the signature inside is the proof, and the token against
forged requests has nothing to guard here.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from kbchat.core.errors import KbchatError, NotFound
from kbchat.web.problems import status_of
from kbchat.web.sso.saml.metadata import known_provider, own_metadata
from kbchat.web.sso.saml.provider import receive
from kbchat.web.sso.views import not_let_in


@csrf_exempt
@require_POST
def assertion_consumer(request: HttpRequest) -> HttpResponse:
    try:
        return HttpResponseRedirect(receive(request))
    except KbchatError as error:
        return not_let_in(error)


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Anybody may read it: it holds our addresses and no secret."""
    try:
        known_provider()
    except NotFound as error:
        return HttpResponse(status=status_of(error))
    return HttpResponse(own_metadata(), content_type="application/samlmetadata+xml")

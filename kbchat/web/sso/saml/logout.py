"""A provider's order to sign somebody out (Profiles 4.4): signed, to this address, recent, and good once (T31).

A browser brings it, or the provider's server; neither needs a cookie of ours. Signing out here tells the provider
nothing.
"""

import zlib
from datetime import UTC, datetime, timedelta
from typing import Final

from django.http import HttpRequest

from kbchat.web.sso.ending import end_sessions
from kbchat.web.sso.proofs import CLOCK_SECONDS, ProofRefused, obeyed_once
from kbchat.web.sso.returning import own_origin
from kbchat.web.sso.saml.assertion import PERSISTENT, require, require_issuer, require_time, subject_of
from kbchat.web.sso.saml.messages import logout_response
from kbchat.web.sso.saml.metadata import LOGOUT_PATH, KnownProvider, known_provider, own_entity_id
from kbchat.web.sso.saml.reading import (
    MOST_CHARACTERS,
    Element,
    decoded,
    every,
    read_message,
    tag,
    text_of,
    time_of,
)
from kbchat.web.sso.saml.signatures import require_signed_query, signed_element

_LONGEST_SECONDS: Final = 10 * 60
"""An order that was made longer ago is none: so long must its number be remembered."""


def obey(request: HttpRequest) -> str:
    """Ends what the request names. The address to which the browser brings our answer.

    Raises ProofRefused, or NotFound where there is no SAML.
    """
    provider = known_provider()
    order = _signed_order(request, provider)
    require(order.tag == tag("samlp:LogoutRequest") and order.get("Version") == "2.0", "no order")
    require(order.get("Destination") == own_origin(request) + LOGOUT_PATH, "destination")
    require_issuer(order, provider.entity_id)
    require_time(order)
    made = time_of(order, "IssueInstant")
    longest = timedelta(seconds=_LONGEST_SECONDS)
    require(made is not None and made > datetime.now(UTC) - longest, "age")
    # Some name the person without saying what kind of name it is; more than signing out does not come of it.
    subject = subject_of(order, issuer=provider.entity_id, audience=own_entity_id(), format_unsaid=PERSISTENT)
    sessions = [text_of(each) for each in every(order, "samlp:SessionIndex")]
    order_id = order.get("ID", "")
    require(bool(order_id) and bool(subject) and all(sessions), "nobody")
    number = f"{provider.entity_id}\n{order_id}"
    with obeyed_once(number, _LONGEST_SECONDS + 2 * CLOCK_SECONDS, is_sent_again=False):
        end_sessions(provider.entity_id, subject=subject, sessions=sessions)
    if not provider.logout_address:
        return "/"
    relay_state = (request.POST if request.method == "POST" else request.GET).get("RelayState", "")
    return logout_response(order_id, destination=provider.logout_address, relay_state=relay_state)


def _signed_order(request: HttpRequest, provider: KnownProvider) -> Element:
    if request.method == "POST":
        sent = read_message(decoded(request.POST.get("SAMLRequest", "")))
        return signed_element(sent, provider.current_certificates())
    require_signed_query(request.META.get("QUERY_STRING", ""), provider.current_certificates())
    return read_message(_inflated(decoded(request.GET.get("SAMLRequest", ""))))


def _inflated(packed: bytes) -> bytes:
    """No more than a message may have, however small it was packed. Raises ProofRefused."""
    unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        message = unpacker.decompress(packed, MOST_CHARACTERS)
    except zlib.error as error:
        raise ProofRefused(reason="not packed") from error
    if not unpacker.eof:
        raise ProofRefused(reason="size")
    return message
